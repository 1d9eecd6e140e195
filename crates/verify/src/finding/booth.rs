//! BTH: the booth path: what its platform logged, and the two lists.

use super::rules;

rules! {
    CAMPAIGN_FAULTY = "BTH-001", Fails, "booth",
        "a campaign whose rules do not fit together",
        "The rules of a campaign fit together and fit what it is held for: keys, options, \
         times, stamp period, and how many votes are published together.",
        "Ask the platform's operator: devices and instances would refuse these rules.";
    CAMPAIGN_CHANGED = "BTH-002", Fails, "booth",
        "a campaign changed under way",
        "A later campaign of the same name differs in its end and its deployment map at most, \
         and is logged before the end that was in force and, but for a demonstration, before the \
         one that it sets. An official campaign's end moves to a later time only.",
        "Ask the platform's operator which rules the votes were taken under.";
    CAMPAIGN_MISSING = "BTH-003", Fails, "booth",
        "an entry of no campaign",
        "Each snapshot, each reveal and each count of check-ins names a campaign that stands \
         earlier in the log.",
        "Ask the platform's operator for the campaign; nothing says what these lists are of.";
    OTHER_PLATFORM = "BTH-004", Fails, "booth",
        "another platform than the campaign's",
        "A campaign's later entries are by the holder who logged it first.",
        "Ask both platforms who ran the campaign.";
    SNAPSHOT_GAP = "BTH-005", Fails, "booth",
        "a snapshot that does not follow the one before",
        "Snapshots of a campaign are numbered from 0 in the order of the log, without gaps.",
        "Ask the platform's operator for the snapshots in between.";
    TWO_FACES = "BTH-006", Fails, "booth",
        "two snapshots of one number",
        "A campaign has one snapshot of each number.",
        "Treat the lists as forged until the operator explains it: different people were \
         shown different lists.";
    SHRUNK = "BTH-007", Fails, "booth",
        "a list that shrank",
        "No list of a snapshot is shorter than in the one before.",
        "Ask the platform's operator what became of the missing records.";
    UNEQUAL = "BTH-008", Fails, "booth",
        "lists of different lengths",
        "The two lists of a snapshot have as many records.",
        "Ask the platform's operator: there are votes without voters, or voters without \
         votes.";
    AFTER_LAST = "BTH-009", Fails, "booth",
        "a snapshot after the last one",
        "Nothing is added after the snapshot that says that it is the last.",
        "Do not count what was added.";
    LAST_EARLY = "BTH-010", Fails, "booth",
        "a last snapshot before the end",
        "The last snapshot is logged when the campaign is over.",
        "Ask the platform's operator why voting was stopped.";
    TOLD_EARLY = "BTH-011", Fails, "booth",
        "interim results of an official campaign",
        "Until an official campaign is over, its snapshots tell neither digests nor sizes in \
         bytes of the lists, but commitments.",
        "Tell the authority: interim results may be unlawful, and voters may have been \
         swayed.";
    CROWD_SMALL = "BTH-012", Fails, "booth",
        "fewer votes published together than promised",
        "But for the last one, a snapshot adds no vote, or at least k that agree in all that \
         is published but stamp, signature, nonce and option: of each stamp period. Of each shard \
         it adds no voter, or at least k.",
        "Tell the voters: fewer people than they were told stand between each vote and its \
         voter.";
    REVEAL_EARLY = "BTH-013", Fails, "booth",
        "keys revealed while votes were taken",
        "Nothing is revealed until the campaign is over.",
        "Treat stamps of the time after the reveal with doubt: decoys could be told from \
         stamps.";
    COMMITMENT = "BTH-014", Fails, "booth",
        "a revealed value that is not the committed one",
        "The SHA-256 of each revealed value is what the campaign committed to before it \
         opened.",
        "Do not rely on the stamps: another key was committed.";
    LAST_MISSING = "BTH-015", Incomplete, "booth",
        "a campaign without its last snapshot",
        "When the election is closed, each campaign has a snapshot that says that it is the \
         last.",
        "Ask the platform's operator for it; until then records may be missing.";
    REVEAL_MISSING = "BTH-016", Incomplete, "booth",
        "a campaign without its reveal",
        "When the election is closed, each campaign's keys, seed and salt have been revealed.",
        "Ask the platform's operator for it; until then nobody can check a stamp.";
    LIST_MISSING = "BTH-017", CouldNotCheck, "booth",
        "a list that is not there",
        "Both lists of a campaign stand where the lists are said to be.",
        "Ask the publisher for the list, or a copy of somebody who has kept it.";
    LIST_SHORT = "BTH-018", Fails, "booth",
        "a list with records missing",
        "A list has at least as many lines as each snapshot says that it has records.",
        "Ask the publisher what became of the missing records.";
    LIST_LONG = "BTH-019", Fails, "booth",
        "a list that goes on after the last snapshot",
        "A list ends with the records of the last snapshot.",
        "Do not count the lines behind it: nothing on the log speaks of them.";
    LIST_DIFFERS = "BTH-020", Fails, "booth",
        "a list that is not the one that was committed to",
        "The first lines of a list, as many as a snapshot has records, are of the size and \
         the digest that the snapshot tells or is committed to.",
        "Treat the list as changed since that snapshot: records were added, taken away or \
         replaced.";
    NO_RECORD = "BTH-021", Fails, "booth",
        "a line that is no record",
        "Each line is a vote, or a mandate, in its one spelling.",
        "Ask the publisher what the line is.";
    UNSORTED = "BTH-022", Fails, "booth",
        "lines out of order",
        "The lines that a snapshot adds are sorted by SHA-256, each with its line feed, and \
         none stands twice.",
        "Tell the voters: the order may say who voted when.";
    MANDATE_AUTHORITY = "BTH-023", Fails, "booth",
        "a mandate of somebody else",
        "Each mandate is of an authority that the campaign names.",
        "Ask the platform's operator how it came to be counted.";
    MANDATE_SIGNATURE = "BTH-024", Fails, "booth",
        "a mandate that nobody gave",
        "Each mandate has its authority's signature over its id, judged strictly.",
        "Ask the platform's operator how it came to be counted.";
    MANDATE_TWICE = "BTH-025", Fails, "booth",
        "a mandate that voted twice",
        "Key and id of a mandate stand in the list once, whatever the signature.",
        "Ask the platform's operator: somebody has two votes.";
    STAMP_FORGED = "BTH-026", Fails, "booth",
        "a vote without a genuine stamp",
        "Each platform stamp verifies strictly under the revealed stamp key, over its P-UTC.",
        "Ask the platform's operator: the vote was not given with a code of a booth.";
    PERIOD = "BTH-027", Fails, "booth",
        "a vote of no stamp period",
        "P-UTC is the start of a stamp period of the campaign that had begun when the \
         snapshot was logged.",
        "Ask the platform's operator when the vote was cast.";
    STAMP_TWICE = "BTH-028", Fails, "booth",
        "a voter stamp that stands twice",
        "A voter's stamp stands in the list of votes once.",
        "Ask the platform's operator: two voters may have been shown one vote.";
    WORK = "BTH-029", Fails, "booth",
        "a vote without its work",
        "Each vote's hash begins with as many zero bits as the campaign asks for.",
        "Ask the platform's operator how it came to be counted.";
    OPTION = "BTH-030", Fails, "booth",
        "a vote for what is not on the ballot",
        "What a vote says is an option of the campaign.",
        "Ask the platform's operator; the vote counts for nothing.";
    RECEIPT_FOREIGN = "BTH-031", Fails, "booth",
        "a receipt that no platform signed",
        "A receipt or an acceptance is signed by the receipt key of its shard, over the \
         options of the ballot.",
        "Do not rely on it. If the platform gave it, keep it: another key than the campaign's \
         was used.";
    RECEIPT_BROKEN = "BTH-032", Fails, "booth",
        "a receipt whose line is not in the list",
        "When the last snapshot is out, every line of a receipt stands in the list of votes, \
         with its option.",
        "Keep the receipt: with the list it is proof of misconduct of the platform, and does \
         not say which line was its holder's.";
    ACCEPTANCE_BROKEN = "BTH-033", Fails, "booth",
        "an accepted vote that is not in the list",
        "When the last snapshot is out, the stamp of an acceptance stands in the list of \
         votes.",
        "Keep the acceptance: with the list it is proof of misconduct of the platform.";
    LISTED_IN_FILE = "BTH-034", Fails, "13",
        "a record of a list in a file of the log",
        "No raw file that a manifest lists holds a vote or a mandate in the form of the lists: \
         they stand beside the log.",
        "Ask who listed the file why it ties records of voters to the log.";
    KEY_SHARED = "BTH-035", Fails, "booth",
        "a key of two campaigns",
        "No key of an authority or of receipts, and nothing that is committed to, serves two \
         campaigns of a log.",
        "Ask the platform's operator: whoever holds the key can pass votes and mandates of \
         one campaign off as the other's.";
    REMOTE_ALONE = "BTH-036", Fails, "booth",
        "remote votes that cannot be added to those of booths",
        "When its last snapshot is out, a campaign for remote votes has that of the booths \
         beside it in the log, with the same options, times and purpose.",
        "Do not add its counts to any other's.";
    STAMPS_FELL = "BTH-037", Fails, "booth",
        "stamps told that cannot be",
        "What snapshots tell of stamps issued is by stations of the campaign, and never \
         falls.",
        "Ask the platform's operator: nothing can be concluded from these numbers.";
    CAMPAIGNS_MANY = "BTH-038", CouldNotCheck, "booth",
        "more campaigns than this verifier judges",
        "The rules of all campaigns of a log have at most 16 MiB together.",
        "Ask who logged so many campaigns; judge the later ones with another program.";
    PLATFORM_STAMP_TWICE = "BTH-039", Fails, "booth",
        "a platform stamp that stands twice",
        "A platform stamp is drawn anew for each request, so it stands in the list of votes once.",
        "Ask the platform's operator: a vote was added under the stamp of another.";
    RULES_LATE = "BTH-040", Fails, "booth",
        "rules told after the opening",
        "The first entry of an official campaign is logged before it opens.",
        "Do not rely on what the campaign committed to: it can have been chosen when votes were \
         known.";
    TAKEN_AT = "BTH-041", Fails, "booth",
        "a snapshot at a time that cannot be",
        "No snapshot says that it was taken before the one before it, nor more than 300 seconds \
         after it was logged.",
        "Judge the course of the day by the log's times, not by the platform's.";
    OWN_VOTE = "BTH-042", CouldNotCheck, "booth",
        "a vote that is not listed as it was cast",
        "When the last snapshot is out, the vote of a record that the platform accepted stands in \
         the list as it is in the record, nonce included.",
        "Ask its holder: a record that nobody changed shows that two voters were shown one vote. \
         The platform has signed its stamp alone.";
    CHECK_INS_FELL = "BTH-043", Fails, "booth",
        "check-ins that cannot be",
        "Counts of check-ins never fall from one entry of a campaign to the next, nor do their \
         times, and none is of more than 300 seconds after it was logged.",
        "Ask the authority how it counts; nothing can be concluded from these numbers.";
    VOTES_ABOVE_CHECK_INS = "BTH-044", Fails, "booth",
        "more votes than check-ins",
        "When a count of check-ins is of an instant, no snapshot that was logged by then has more \
         votes.",
        "Ask authority and platform: votes were added, or people voted who did not check in.";
    SHARD_LEFT_OUT = "BTH-045", Incomplete, "booth",
        "results that lack a shard",
        "The last snapshot of a campaign has the records of all its shards.",
        "Say with the results that they lack this shard, and hold its acceptances against the \
         list of votes: those that are not honoured remain valid evidence of votes that are not \
         counted.";
    LEFT_OUT_COUNT = "BTH-046", Fails, "booth",
        "a left-out shard with other records than told",
        "A shard that the last snapshot is without is one of the campaign, and the list of voters \
         has as many mandates of it as the snapshot says.",
        "Ask the platform's operator what was taken of that shard, and why another number is told.";
    LEFT_OUT_ACCEPTED = "BTH-047", Incomplete, "booth",
        "an accepted vote of a left-out shard that is not listed",
        "What a shard signed stands in the list of votes, also where the last snapshot is without \
         the shard.",
        "Keep it: it remains valid evidence of a vote that the platform accepted and did not \
         publish, as it said when it left the shard out.";
    MAP_MISSING = "BTH-048", Incomplete, "booth",
        "an official campaign without a deployment map",
        "An official campaign whose voters come to booths names the digest of its deployment map.",
        "Ask the platform's operator for the map: nothing says which stations there were, or \
         where.";
    RESULTS_WRONG = "BTH-049", Fails, "booth",
        "published results that are not those of log and lists",
        "What a publisher tells beside the lists, results.json and snapshots.json, says of each \
         snapshot what the log has of it, and of the votes by option what the list of votes comes \
         to; where the log has commitments it has no votes by option.",
        "Do not rely on the page, and tell those who have reported it: the list of votes, counted \
         again, is in the verifier's report.";
}
