//! AUD: the audit.

use super::rules;

rules! {
    COMMIT_MISSING = "AUD-001", Fails, "11.1",
        "a seed revealed without a commitment",
        "A reveal cites a seed commitment that stands earlier in the log.",
        "Do not rely on this sample: the seed may have been chosen for it.";
    COMMITMENT = "AUD-002", Fails, "11.1",
        "a seed that is not the committed one",
        "The digest of the revealed seed, its salt and the election id is the committed one.",
        "Do not rely on this sample: another seed was committed.";
    NOT_BEFORE = "AUD-003", Fails, "11.1, 10.5",
        "a reveal that cites no head of this log",
        "A reveal cites a witnessed head of this log by size and root.",
        "Ask the audit authority for the head: without it nothing shows when the seed was \
         unknown.";
    HEAD_SHORT = "AUD-004", Fails, "11.1",
        "a reveal whose head does not cover the commitment",
        "The head that a reveal cites covers the commitment and is smaller than the log at \
         the reveal.",
        "Do not rely on the order of commitment and reveal.";
    REVEAL_MISSING = "AUD-005", Fails, "11.2",
        "a sample without a reveal",
        "A sample cites a reveal that stands earlier in the log.",
        "Do not rely on this sample.";
    MANIFEST_MISSING = "AUD-006", Fails, "11.2",
        "a sample from a manifest that is not in the log",
        "A sample cites a ballot manifest that a signed manifest in the log lists.",
        "Ask the audit authority which manifest it drew from.";
    MANIFEST_LATE = "AUD-007", Fails, "11.1, 11.2",
        "a ballot manifest that stands after its seed's commitment",
        "The ballot manifest is committed before the seed is first committed to or revealed.",
        "Do not rely on this sample: whoever knew the seed may have made the manifest to fit it.";
    MANIFEST_FAULTY = "AUD-008", Fails, "11.2",
        "a ballot manifest that cannot be read",
        "A ballot manifest lists each batch once with its count of cards.",
        "Ask the county for a manifest that can be read.";
    CARDS = "AUD-009", Fails, "11.2",
        "a sample from another number of cards",
        "The number of cards in a sample is the total of its ballot manifest.",
        "Do not rely on this sample: it was drawn from other cards than the manifest lists.";
    DRAW = "AUD-010", Fails, "11.2",
        "a draw that the seed does not give",
        "Each draw is the one that the generator gives for the seed and the manifest.",
        "Do not rely on this sample: draw it again from the seed and the manifest.";
    RESULT_LATE = "AUD-011", Fails, "11.1, 15.4",
        "a result that stands after a seed's commitment",
        "Every result is committed before a seed is committed to, unless the charter owes results \
         only in a phase after the one that owes the seed.",
        "Do not rely on this audit: the result may have been changed when the sample was known.";
    CHOICE_OF_SEEDS = "AUD-012", Fails, "11.1",
        "a committed seed that was never revealed beside one that was",
        "Whoever commits several seeds and reveals one has chosen among samples.",
        "Ask the audit authority for the seeds it did not reveal.";
    REVEALED_TWICE = "AUD-013", Fails, "11.1",
        "a commitment revealed twice",
        "A commitment is revealed once.",
        "Ask the audit authority which reveal it stands by.";
    REVEAL_UNUSED = "AUD-014", Fails, "11.1",
        "a revealed seed that no sample was drawn with",
        "A sample is drawn with every seed that is revealed.",
        "Ask the audit authority why it revealed a seed and did not use it.";
    TWO_SEEDS = "AUD-015", Fails, "11.1, 11.2",
        "samples of the same batches from two seeds",
        "All samples from ballot manifests that list a batch of the same name are drawn with one \
         seed.",
        "Do not rely on these samples: whoever draws with several seeds can choose among them.";
    PLAN_LATE = "AUD-016", Fails, "11.1, 11.4",
        "an audit plan that stands after the seed's commitment",
        "The plan of a sample is committed before the seed is first committed to or revealed.",
        "Do not rely on this sample: its size or manifest may have been chosen to fit the seed.";
    PLAN_MANIFEST = "AUD-017", Fails, "11.2, 11.4",
        "a sample from another ballot manifest than planned",
        "A sample is drawn from the ballot manifest of a plan in force.",
        "Do not rely on this sample: it was not drawn from the cards that were to be audited.";
    PLAN_SIZE = "AUD-018", Fails, "11.2, 11.4",
        "a sample smaller than planned",
        "A sample has at least as many draws as the first round of its plan.",
        "Do not rely on this sample: more cards were to be looked at.";
    MANIFEST_LARGE = "AUD-019", CouldNotCheck, "11.2",
        "a ballot manifest that is too large for this verifier",
        "A ballot manifest has at most 64 MiB. Those of all samples together have at most 2^22 \
         batches and, where they are read again, 2^32 bytes; those of all samples by ticket have \
         at most 2^28 cards together.",
        "Check the numbers of ballots in the manifest; draw the sample with another program.";
    SEED_AGAIN = "AUD-020", Fails, "11.1",
        "a seed committed to twice",
        "No two commitments are opened by one seed.",
        "Do not rely on what was drawn the second time: the seed was known by then.";
    MANIFEST_AGAIN = "AUD-021", Fails, "11.2",
        "samples from two ballot manifests that list the same batches",
        "Of ballot manifests that list the same batches with the same counts, samples are drawn \
         from one.",
        "Do not rely on these samples: whoever draws from several lists of the same cards can \
         choose among them.";
    PLAN_GENERATOR = "AUD-022", Fails, "11.2, 11.4",
        "a sample by another generator than planned",
        "A sample is drawn by the generator of a plan in force that speaks of its ballot manifest.",
        "Do not rely on this sample: whoever draws by several generators can choose among them.";
}
