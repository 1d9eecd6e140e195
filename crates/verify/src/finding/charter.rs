//! CHA: the charter and what it owes.

use super::rules;

rules! {
    MISSING = "CHA-001", Fails, "14.1; charter",
        "no charter to judge by",
        "The first entry is a charter, signed by the authority that it names.",
        "Fetch the bundle again. Without its charter nothing in it can be judged.";
    FAULTY = "CHA-002", Fails, "14.1, 14.2; charter",
        "a charter that breaks its own rules",
        "A charter is consistent: one key in one role, witnesses apart from the authority, \
         the platform and the log, a threshold that can be met.",
        "Ask the authority. No result under such a charter can be relied on.";
    NOT_ANCHORED = "CHA-003", Fails, "14.1; anchor",
        "another charter than the anchor's",
        "The charter's digest is the one in the anchor.",
        "Do not rely on this bundle: it is another election than the one you were told of. \
         Check where the anchor comes from.";
    ANCHOR_ELECTION = "CHA-004", Fails, "14.1; anchor",
        "another election than the anchor's",
        "The charter's election id is the one in the anchor.",
        "Check that the anchor and the bundle belong together.";
    ANCHOR_KEYS = "CHA-005", Fails, "14.1, 10.5; anchor",
        "another log or other witnesses than the anchor's",
        "The charter's log keys and witness policy are the ones in the anchor.",
        "Do not rely on this bundle. Check where the anchor comes from.";
    AMENDMENT_REFUSED = "CHA-006", Fails, "14.1; charter",
        "an amendment that may not be made",
        "An amendment keeps the charter's rules: no key twice, one role a key, witnesses \
         apart, a threshold that can be met.",
        "Ask the authority. The amendment was not applied in this report.";
    SECOND_CHARTER = "CHA-007", Fails, "14.1; charter",
        "a second charter",
        "A log has one charter, its first entry; what changes is an amendment.",
        "Ask the authority which of the two it stands by.";
    AFTER_CLOSE = "CHA-008", Fails, "charter",
        "an entry after the close",
        "Nothing follows the close of an election.",
        "Ask the authority what was added after it declared the record complete.";
    CLOSE_DIFFERS = "CHA-009", Fails, "10.6; charter",
        "a close that states another log",
        "The close states how many entries precede it, and a head of this log that is no \
         larger.",
        "Ask the authority what it closed: the entries it counted are not the ones here.";
    OPEN = "CHA-010", Incomplete, "charter",
        "the election is not closed",
        "A signed close ends an election.",
        "Verify again when the authority has closed it. Until then entries may be added.";
    OWED = "CHA-011", Incomplete, "15.4; charter `phases`",
        "something owed is not there",
        "Each entry type that a phase of the charter owes is in the log.",
        "Ask the authority for it.";
    NO_ANCHOR = "CHA-012", NotAuthenticated, "14.1; anchor",
        "no anchor",
        "What a charter says counts only if something outside the bundle vouches for it.",
        "Get the anchor from the authority's poster or page and give it with `--anchor`. A \
         wholly forged election is consistent too.";
}
