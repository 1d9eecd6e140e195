//! LOG: the log, its heads and promises.

use super::rules;

rules! {
    HEAD_MISSING = "LOG-001", Fails, "10.4, 10.6",
        "the head is missing",
        "A bundle holds its signed head at `checkpoint`, and the same head or another of its \
         size at `checkpoints/<size>`.",
        "Fetch the bundle again from another source.";
    HEAD_MALFORMED = "LOG-002", Fails, "10.4; C2SP signed-note, tlog-checkpoint",
        "a head that is not a signed checkpoint",
        "A head is a signed note whose text is origin, size and root.",
        "Fetch the head again from the log or a witness.";
    HEAD_ORIGIN = "LOG-003", Fails, "10.4; C2SP tlog-checkpoint",
        "a head of another log",
        "The origin line is the charter's.",
        "Compare the charter's log with the one this head comes from.";
    HEAD_UNSIGNED = "LOG-004", Fails, "10.4",
        "a head that the log did not sign",
        "A head carries a signature by the checkpoint key of the charter.",
        "Do not rely on this head. Fetch it from the log or a witness.";
    HEAD_UNTIMED = "LOG-005", Fails, "10.4; C2SP tlog-cosignature",
        "a head without the log's time",
        "A head carries a timestamped cosignature by the timestamp key of the charter.",
        "Fetch the head again from the log.";
    HEAD_UNWITNESSED = "LOG-006", Fails, "10.5",
        "a head with too few witnesses",
        "A head carries cosignatures of witnesses from as many organisations as the charter \
         and its amendments demand at that size.",
        "Do not rely on this head: others may have been shown another. Fetch one that the \
         witnesses signed.";
    WITNESS_LINE = "LOG-007", Fails, "10.5; C2SP signed-note",
        "a witness's signature that fails",
        "A line that names a key of the charter verifies with that key.",
        "Ask the witness for its own copy of the head.";
    ROOT_DIFFERS = "LOG-008", Fails, "10.3, 10.4; RFC 6962 2.1",
        "a head whose root is not that of the leaves",
        "The root is the Merkle tree hash of the first leaves, as many as the head says.",
        "Keep this bundle: a signed head with another root is evidence against the log, or \
         the leaves were changed afterwards.";
    SIZE_DIFFERS = "LOG-009", Fails, "10.4; bundle",
        "a head of another size than its name",
        "The head at `checkpoints/<size>` is of that size, and none is larger than the one at \
         `checkpoint`.",
        "Fetch the bundle again from another source.";
    HEAD_TIME_BACK = "LOG-010", Fails, "10.4",
        "a larger head with an earlier time",
        "The log's time in its heads never decreases as the log grows.",
        "Ask the log's operator: its clock or its state went back.";
    HEAD_BEFORE_LEAF = "LOG-011", Fails, "10.4",
        "a head older than a leaf it covers",
        "A head's time is not before the time of its last leaf.",
        "Ask the log's operator: the times in its leaves and in its heads contradict each \
         other.";
    HEAD_LATE = "LOG-012", Fails, "10.4; charter `log.promise_s`",
        "an entry covered by a head too late",
        "Each entry is covered by a witnessed head before the charter's promise has run out.",
        "Ask the log's operator for the heads of that time: one was left out of this copy, or \
         the log did not keep its promise.";
    LEAVES_MISSING = "LOG-013", Fails, "10.2; bundle",
        "leaves are missing",
        "Every leaf that the head covers is in a leaf tile.",
        "Fetch the bundle again from another source.";
    LEAF_MALFORMED = "LOG-014", Fails, "10.2, 5.3",
        "a leaf that is not a leaf",
        "A leaf tile holds one canonical leaf payload a line, and no more lines than its name \
         says.",
        "Fetch the leaf tile again from another source.";
    LEAF_ELECTION = "LOG-015", Fails, "10.2",
        "a leaf of another election",
        "The election id in each leaf is the charter's.",
        "Ask the log's operator: one log carries one election.";
    LEAF_TIME_BACK = "LOG-016", Fails, "10.2",
        "a leaf earlier than the one before it",
        "The times of the leaves never decrease.",
        "Ask the log's operator: its clock or its state went back.";
    ENTRIES_MISSING = "LOG-017", Fails, "10.6; C2SP tlog-tiles",
        "an entry bundle is missing",
        "The entry bundle of every published size is in the bundle.",
        "Fetch the bundle again from another source.";
    ENTRIES_DIFFER = "LOG-018", Fails, "10.3; C2SP tlog-tiles",
        "an entry bundle that is not that of the leaves",
        "An entry is the SHA-256 of the canonical leaf payload.",
        "Fetch the entry bundle again; if it is the same everywhere, the log shows different \
         entries to different readers.";
    TILE_MISSING = "LOG-019", Fails, "10.6; C2SP tlog-tiles",
        "a tile is missing",
        "The tiles of every published size are in the bundle.",
        "Fetch the bundle again from another source.";
    TILE_DIFFERS = "LOG-020", Fails, "10.3; C2SP tlog-tiles",
        "a tile that is not that of the leaves",
        "A tile holds the hashes of the tree over the leaves.",
        "Fetch the tile again; if it is the same everywhere, proofs made from it lead to \
         another tree.";
    LEAF_COPY_DIFFERS = "LOG-021", Fails, "10.2; bundle",
        "a partial leaf tile that is not the start of its tile",
        "A narrower leaf tile holds the first lines of the wider one.",
        "Fetch both again from another source.";
    CITED_HEAD_MISSING = "LOG-022", Fails, "10.6, 11.1",
        "a head that an artifact cites is missing",
        "A head that a signed artifact cites is at `checkpoints/<size>`.",
        "Ask the log or a witness for the head of that size.";
    OLD_HEAD_FOREIGN = "LOG-023", CouldNotCheck, "10.4",
        "the older head is not of this log",
        "The head given with `--since` is signed by the log of the charter.",
        "Check which file you gave. If you got it from this log, one of the two is forged.";
    OLD_HEAD_LARGER = "LOG-024", CouldNotCheck, "10.6",
        "the bundle is older than the head you hold",
        "The bundle's head is not smaller than the one given with `--since`.",
        "Fetch a newer bundle.";
    SHRUNK = "LOG-025", Fails, "10.1, 10.6",
        "the log has shrunk",
        "A later head is never of a smaller log.",
        "Keep both heads and show them to the witnesses: together they prove that the log is \
         not append-only.";
    FORKED = "LOG-026", Fails, "10.1, 10.6",
        "the log was rewritten",
        "The older head's root is the root of this log's first leaves.",
        "Keep both heads and show them to the witnesses: together they prove that the log \
         showed two histories.";
    PROMISE_FOREIGN = "LOG-027", CouldNotCheck, "10.1",
        "a promise that is not of this log",
        "The promise is signed by the charter's key of the role `log` and names this election \
         and this log.",
        "Check which file you gave. If the log gave it to you, ask its operator which key \
         signed it.";
    PROMISE_BROKEN = "LOG-028", Fails, "10.1",
        "a broken promise",
        "By its deadline the promised leaf stands at the promised index under a witnessed \
         head.",
        "Keep the promise and this bundle: together they prove that the log dropped or moved \
         what it accepted.";
    PROMISE_OPEN = "LOG-029", Incomplete, "10.1",
        "a promise that is not yet due",
        "A promise can be judged when a witnessed head is later than its deadline or covers \
         its index, and when it is known which witnessed heads came before that one.",
        "Verify again with a newer bundle, or with one that has all heads.";
    STRANGE_LINE = "LOG-030", Fails, "10.4, 10.5; bundle",
        "a signature line of a stranger",
        "A head in a bundle carries lines of the log and of the witnesses that the charter or \
         an amendment names, and no others.",
        "Fetch the head again from the log: it keeps no line that it could not verify.";
    HEAD_NOT_HELD = "LOG-031", CouldNotCheck, "10.3, 10.4",
        "a head that could not be held against the leaves",
        "Every head is compared with the root of the leaves that were read.",
        "Rely on nothing that this head covers. Fetch the bundle again, from another source if \
         need be, and verify that.";
    OLD_HEAD_NOT_HELD = "LOG-032", CouldNotCheck, "10.6",
        "the older head could not be held against the leaves",
        "The head given with `--since` is compared with the root of this log's first leaves.",
        "Keep the older head. Fetch the bundle again, from another source if need be, and verify \
         that.";
    OWN_LINE = "LOG-033", Fails, "10.4; C2SP signed-note",
        "a signature of the log that fails",
        "Every line that names a key of the log verifies with that key, also beside one that \
         does.",
        "Fetch the head again from the log or a witness. Programs may refuse the whole head.";
    HEAD_TIME_APART = "LOG-034", Fails, "10.4, 10.5; C2SP tlog-cosignature",
        "a head whose time the witnesses do not share",
        "The log's time in a head and the time by which enough organisations have cosigned it are \
         no more than 600 seconds apart.",
        "Ask the log's operator and the witnesses whose clock was wrong. A log that dates its \
         heads back hides that it sat on entries.";
    PROMISE_FAR = "LOG-035", Fails, "10.1; charter `log.promise_s`",
        "a promise for a later time than the charter's",
        "The deadline of a promise is no later than the time of its leaf and the charter's \
         `log.promise_s` seconds.",
        "Keep the promise: it shows that the log gave itself more time than the charter does. \
         In this report it was judged by the charter's.";
}
