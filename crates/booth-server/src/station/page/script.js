"use strict";
// Asks once a second. When the station does not answer, the code goes: an old one must not stay.
const put = (id, text) => { document.getElementById(id).textContent = text ?? ""; };
const show = (screen) => {
  const code = screen.code;
  put("code", code ? `${code.slice(0, 3)} ${code.slice(3)} ${screen.check}` : "");
  put("left", screen.seconds_left);
  document.getElementById("next").hidden = !code;
  document.getElementById("bar").hidden = !code;
  document.getElementById("bar").value = screen.seconds_left ?? 0;
  put("refused", screen.refused ? `${screen.refused}. What to do: ${screen.hint}.` : "");
  if (!screen.station) return;
  put("ahead", screen.ahead);
  put("station", screen.station);
  put("updated", screen.updated_words);
  put("clock", screen.clock_words);
  put("development", screen.warning);
};
const ask = async () => {
  try {
    const answer = await fetch("/now", { cache: "no-store", signal: AbortSignal.timeout(3000) });
    if (!answer.ok) throw new Error("no answer");
    show(await answer.json());
  } catch {
    show({ refused: "The station does not answer", hint: "call the staff" });
  }
  setTimeout(ask, 1000);
};
setTimeout(ask, 1000);
