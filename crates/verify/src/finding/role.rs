//! ROL: keys, roles and signatures.

use super::rules;

rules! {
    SIGNATURE = "ROL-001", Fails, "5.2, 15.1",
        "a signature that fails",
        "Every signature of an artifact verifies, strictly, over its kind and canonical \
         payload.",
        "Do not rely on this artifact. Ask who it is said to come from for their copy.";
    KEY_UNKNOWN = "ROL-002", Fails, "7.2, 14.1",
        "a key that the charter does not know",
        "Every key that signs is in the charter or an amendment before the entry.",
        "Ask the authority whose key it is.";
    KEY_EARLY = "ROL-003", Fails, "7.2, 14.1",
        "a key that was not yet in force",
        "A key signs only after the amendment that adds it.",
        "Ask the authority why the key was used before it was published.";
    KEY_REVOKED = "ROL-004", Fails, "14.1",
        "a revoked key",
        "A key signs nothing after the amendment that revokes it.",
        "Treat the artifact as forged until the authority explains it.";
    MAY_NOT = "ROL-005", Fails, "3.1, 14.2",
        "a role that may not submit this",
        "Each role submits only its own entry types, and lists only files it may vouch for.",
        "Ask the authority why one role did the work of another.";
    ORIGINATOR = "ROL-006", Fails, "10.2",
        "a leaf that names another originator",
        "The originator of a leaf is the role and the holder of the first signature's key.",
        "Ask the log's operator: the leaf says something the artifact does not.";
    PAYLOAD_ORIGIN = "ROL-007", Fails, "7.1, 8.3, 10.2",
        "a payload that names another originator",
        "Where a payload names a scanner, a device or an origin, that is the holder of the first \
         signature's key.",
        "Ask who signed why it speaks in another's name.";
}
