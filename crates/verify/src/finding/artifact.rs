//! ART: artifacts and raw files.

use super::rules;

rules! {
    MISSING = "ART-001", Fails, "6.2; bundle",
        "an artifact is missing",
        "The artifact of every leaf is in the bundle.",
        "Ask the originator for it. Its digest is in the leaf, so any copy can be checked.";
    DIGEST = "ART-002", Fails, "6.2, 10.2",
        "an artifact that was changed",
        "The SHA-256 of an artifact's bytes is the digest in its leaf.",
        "Fetch the artifact again, or ask the originator for it: these are not the bytes that \
         were logged.";
    SIZE = "ART-003", Fails, "6.2, 10.2",
        "an artifact of another size",
        "The size of an artifact is the size in its leaf.",
        "Ask the log's operator: the leaf and the artifact contradict each other.";
    MALFORMED = "ART-004", Fails, "5.3, 6.1",
        "an artifact that is not a canonical envelope",
        "An artifact is an envelope of kind, payload and signatures in canonical JSON.",
        "Ask the originator: nothing in this form can be signed or judged.";
    KIND_UNKNOWN = "ART-005", Fails, "6.1",
        "a kind that no log holds",
        "An artifact's kind is one of the table of kinds that are logged.",
        "Ask the log's operator why it accepted this.";
    VERSION_UNKNOWN = "ART-006", CouldNotCheck, "6.1",
        "a version or algorithm that this verifier does not know",
        "A verifier judges the versions and algorithms it knows and says so of the rest.",
        "Verify with a newer release.";
    PAYLOAD = "ART-007", Fails, "6.1",
        "a payload against its schema",
        "A payload has exactly the fields of its kind, each within its bounds.",
        "Ask the originator to submit it again in the right form.";
    ELECTION = "ART-008", Fails, "6.1, 10.2",
        "an artifact of another election",
        "The election id in each payload is the charter's.",
        "Ask the originator: it belongs to another log.";
    ENTRY_TYPE = "ART-009", Fails, "10.2",
        "a leaf that names another entry type",
        "The entry type in a leaf is that of the artifact's kind.",
        "Ask the log's operator: the leaf says something the artifact does not.";
    TWICE = "ART-010", Fails, "10.2; leaf",
        "the same artifact twice",
        "An artifact stands once in the log; a repeated submission gets the first entry's \
         index.",
        "Count it once. Ask the log's operator why it took it twice.";
    STATEMENT_TWICE = "ART-011", Fails, "10.2; leaf",
        "the same statement twice",
        "A payload of one kind stands once in the log, however often it is signed.",
        "Count it once. Ask the originator why it signed it twice.";
    RAW_MISSING = "ART-012", Fails, "6.2; A.2",
        "a raw file is missing",
        "Every file that a signed manifest lists is in the bundle.",
        "Ask the manifest's originator for the file. Its digest is in the manifest.";
    RAW_DIGEST = "ART-013", Fails, "6.2; A.2",
        "a raw file that was changed",
        "The SHA-256 of a raw file is the digest in its manifest.",
        "Fetch the file again, or ask the manifest's originator for it.";
    RAW_SIZE = "ART-014", Fails, "6.2; A.2",
        "a raw file of another size",
        "The size of a raw file is the size in its manifest.",
        "Ask the manifest's originator: the manifest and the file contradict each other.";
    CITED_MISSING = "ART-015", Fails, "6.2, 9.1",
        "an artifact that cites one which is not in the log",
        "What an artifact cites by digest stands earlier in the log.",
        "Ask the originator what it meant: a conclusion without what it rests on shows nothing.";
    GIVEN_STRANGE = "ART-016", CouldNotCheck, "6.2, 10.2",
        "an artifact that was given and is not in the log",
        "An artifact given with `--artifact` is one that a leaf names by its digest.",
        "Check which file you gave: every byte counts. If you have a promise for it, give that \
         with `--promise`.";
    PURPOSE = "ART-017", Fails, "6.1; charter",
        "a campaign of another purpose",
        "A campaign is held for the purpose that the charter states.",
        "Count nothing of this campaign here: what is held for one purpose never counts for \
         another. Ask the log's operator why it accepted it.";
    CAMPAIGN_KEY = "ART-018", Fails, "14.2; charter",
        "a campaign with a key of the election",
        "No key of a campaign, of an authority or for receipts, is one that the charter or an \
         amendment lists, before the campaign or after it.",
        "Count nothing of this campaign here: with one key in two roles, what was signed in one \
         can pass for the other. Ask the log's operator why it accepted it, or the authority why \
         an amendment took the key up.";
}
