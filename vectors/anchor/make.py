"""Writes files.json and posters.json from docs/spec/charter.md and docs/spec/canonical.md alone.

Needs Python 3.11 and the charter of vectors/artifacts; shares no code with the product.
"""

import hashlib
import json
import tomllib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK = ALPHABET + "*~$=U"

CHARTER = json.load(open("../artifacts/charter/valid-audit.json", encoding="utf-8"))
DIGEST = hashlib.sha256(open("../artifacts/envelope/valid-charter.json", "rb").read()).hexdigest()
ID = CHARTER["election_id"]
TITLE = CHARTER["title"]


def symbols(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def poster_line(number, data):
    written = ALPHABET[number // 32] + ALPHABET[number % 32]
    value = 0
    for symbol in written + symbols(data):
        value = value * 32 + ALPHABET.index(symbol)
    grouped = "-".join(symbols(data)[at : at + 4] for at in range(0, len(symbols(data)), 4))
    return f"{written} {grouped} {CHECK[value % 37]}"


def lines(digest):
    data = bytes.fromhex(digest)
    return [poster_line(at // 8 + 1, data[at : at + 8]) for at in range(0, 32, 8)]


# The example of docs/spec/canonical.md.
assert lines(hashlib.sha256(b"charter").hexdigest())[0] == "01 GECY-AX05-C9SP-G R"
assert lines(hashlib.sha256(b"charter").hexdigest())[3] == "04 M9B8-MPZ3-3E19-A 1"

HEAD = f'election_id = "{ID}"\ncharter = "{DIGEST}"\n'
LOG = (
    "[log]\n"
    f'origin = "{CHARTER["log"]["origin"]}"\n'
    f'checkpoint_key = "{CHARTER["log"]["checkpoint_key"]}"\n'
    f'timestamp_key = "{CHARTER["log"]["timestamp_key"]}"\n'
)
WITNESSES = "[witnesses]\nthreshold = 2\n" + "".join(
    "[[witnesses.list]]\n"
    f'name = "{one["name"]}"\norganisation = "{one["organisation"]}"\nkey = "{one["key"]}"\n'
    for one in CHARTER["witnesses"]["list"]
)
WHOLE = f'title = "{TITLE}"\n{HEAD}\n{LOG}\n{WITNESSES}'


def files():
    good = [
        ("smallest", HEAD),
        ("whole", WHOLE),
        ("tables in another order", HEAD + WITNESSES + LOG),
        ("comments and other quotes", "# cut out and keep\n" + HEAD.replace('"', "'") + "# end\n"),
        ("carriage returns", HEAD.replace("\n", "\r\n")),
        ("log as an inline table", HEAD + "log = { " + ", ".join(LOG.strip().split("\n")[1:]) + " }\n"),
        ("no line feed at the end", HEAD.rstrip("\n")),
    ]
    bad = [
        ("empty", "", "election_id and charter are missing"),
        ("no charter", f'election_id = "{ID}"\n', "charter is missing"),
        ("no election", f'charter = "{DIGEST}"\n', "election_id is missing"),
        ("unknown member", HEAD + 'note = "x"\n', "note is unknown"),
        ("unknown member of the log", HEAD + LOG + 'url = "https://log.example"\n', "log.url is unknown"),
        ("log without its timestamp key", HEAD + LOG.rsplit("\n", 2)[0] + "\n", "log.timestamp_key is missing"),
        ("digest in upper case", HEAD.replace(DIGEST, DIGEST.upper()), "one spelling of a digest"),
        ("digest one digit short", HEAD.replace(DIGEST, DIGEST[:-1]), "64 digits"),
        ("digest with its algorithm", HEAD.replace(DIGEST, "sha256:" + DIGEST), "64 digits"),
        ("election in upper case", HEAD.replace(ID, ID.upper()), "grammar of election_id"),
        ("election of no letters", HEAD.replace(f'"{ID}"', '""'), "grammar of election_id"),
        ("member twice", HEAD + f'charter = "{DIGEST}"\n', "TOML refuses a key twice"),
        ("threshold as text", HEAD + WITNESSES.replace("threshold = 2", 'threshold = "2"'), "a number"),
        ("threshold below zero", HEAD + WITNESSES.replace("threshold = 2", "threshold = -1"), "no such number"),
        ("witness without a key", HEAD + WITNESSES.rsplit("key = ", 1)[0], "key is missing"),
        ("witness as a table", HEAD + "[witnesses]\nthreshold = 1\n[witnesses.list]\n", "list is a list"),
        ("JSON", json.dumps({"charter": DIGEST, "election_id": ID}), "not TOML"),
    ]
    for name, text in good:
        tomllib.loads(text)
    described = []
    for name, text in good:
        table = tomllib.loads(text)
        described.append({
            "name": name,
            "file": text,
            "election_id": ID,
            "charter": DIGEST,
            "title": table.get("title"),
            "origin": table.get("log", {}).get("origin"),
            "witnesses": [one["name"] for one in table.get("witnesses", {}).get("list", [])],
        })
    return {"good": described, "bad": [{"name": n, "file": f, "why": w} for n, f, w in bad]}


def with_symbol(line, at, symbol):
    return line[:at] + symbol + line[at + 1 :]


def posters():
    four = lines(DIGEST)
    election = f"election {ID}"

    def poster(numbered, title=TITLE, election=election):
        return "".join(part + "\n" for part in ([title] if title else []) + [election] + numbered)

    # Two neighbours of the second line that differ, within one group.
    at = next(at for at in range(3, 6) if four[1][at] != four[1][at + 1])
    swapped = four[1][:at] + four[1][at + 1] + four[1][at] + four[1][at + 2 :]
    wrong = with_symbol(four[2], 3, "0" if four[2][3] != "0" else "1")
    short = poster_line(3, bytes.fromhex(DIGEST)[16:23])
    confused = [line.lower().replace("0", "o").replace("1", "l") for line in four]
    good = [
        ("as it is written", poster(four), TITLE),
        ("without a title", poster(four, title=None), None),
        ("lower case, o for 0, l for 1", poster(confused), TITLE),
        ("spaces for hyphens, empty lines", "\n".join(["", TITLE, "", election.replace(" ", "   "), ""] + [" " + line.replace("-", " ") for line in four]), TITLE),
        ("ELECTION in capitals", poster(four, election=f"ELECTION {ID}"), TITLE),
        ("no line feed at the end", poster(four).rstrip("\n"), TITLE),
    ]
    bad = [
        ("a wrong symbol in line 3", poster([four[0], four[1], wrong, four[3]]), [3]),
        ("two neighbours swapped in line 2", poster([four[0], swapped, four[2], four[3]]), [2]),
        ("both of these", poster([four[0], swapped, wrong, four[3]]), [2, 3]),
        ("lines 1 and 2 swapped", poster([four[1], four[0], four[2], four[3]]), [1, 2]),
        ("line 2 twice, line 3 missing", poster([four[0], four[1], four[1], four[3]]), [3]),
        ("a line of seven bytes", poster([four[0], four[1], short, four[3]]), [3]),
        ("a symbol that is none", poster([four[0], four[1], four[2], with_symbol(four[3], 4, "U")]), [4]),
        ("a wrong check symbol", poster([with_symbol(four[0], len(four[0]) - 1, "*" if four[0][-1] != "*" else "~")] + four[1:]), [1]),
        ("a line is missing", poster(four[:3]), []),
        ("a line too many", poster(four + [poster_line(5, bytes(8))]), []),
        ("the election's id in upper case", poster(four, election="election " + ID.upper()), []),
    ]
    return {
        "good": [{"name": n, "poster": p, "election_id": ID, "charter": DIGEST, "title": t} for n, p, t in good],
        "bad": [{"name": n, "poster": p, "lines": l} for n, p, l in bad],
    }


def write(name, value):
    with open(name, "w", encoding="utf-8") as out:
        json.dump(value, out, indent=1, ensure_ascii=False)
        out.write("\n")


write("files.json", files())
write("posters.json", posters())
