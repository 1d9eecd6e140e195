//! The fixed words of every report: what was not looked at, and what a verdict does not show.

/// What this verifier never checks, whatever the bundle holds.
pub const NOT_CHECKED: &[&str] = &[
    "The votes were not counted again from the cast vote records.",
    "The risk of the audit was not computed again from its discrepancies.",
    "How often an idle log signed was not checked: of heads of one size only the first is kept.",
    "Nothing was compared with paper; only people at the audit can do that.",
];

/// The checks whose code the producers of evidence run too: a fault there would be in both.
pub const SHARED_CODE: &[&str] = &[
    "Canonical form, digests and signatures: `canon`, which everyone who signs runs too.",
    "Tree, tiles, heads and cosignatures: `tlog`, which the log and the witnesses run too.",
    "Roles, keys and payloads: `artifact`, which the log runs before it accepts.",
    "Ballot manifests and draws: `paper` and `rla`, which `scrutineer audit draw` runs too.",
];

/// The same where a campaign of the booth path was judged.
pub const SHARED_BOOTH_CODE: &str =
    "Campaigns, votes, mandates and stamps: `booth`, which edges and instances run too.";

/// What a verdict of `holds` does not show.
pub const DOES_NOT_SHOW: &[&str] = &[
    "that the paper was kept safe before the audit, nor that those who read it read it rightly",
    "that the machines counted as the voters marked; the audit of the paper shows that",
    "that whatever should have been logged was logged; only what the charter owes was asked for",
    "that a seed was random: whoever commits to one alone can try many beforehand and take the \
     best; dice in public, or digits from several parties, prevent that",
    "that the anchor is the right one; it is as good as the place you have it from",
];
