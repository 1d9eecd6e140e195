//! BUN: the files of the bundle.

use super::rules;

rules! {
    STRANGE_NAME = "BUN-001", Fails, "6.2; bundle",
        "a file whose name no bundle has",
        "A bundle holds checkpoints, tiles, entry bundles, leaves and artifacts at their \
         fixed paths and nothing else.",
        "Remove the file, or ask who added it: nothing in the log vouches for it.";
    UNREACHED = "BUN-002", Fails, "6.2; bundle",
        "a file that the log does not reach",
        "Every file of a bundle follows from the head: no tile, leaf, head or artifact beyond \
         it.",
        "Remove the file, or ask who added it: nothing in the log vouches for it.";
    TWICE = "BUN-003", Fails, "6.2; bundle",
        "two files with one name",
        "A name stands once in a bundle, so that every reader sees the same bytes.",
        "Fetch the bundle again from another source. An archive with two files of one name \
         shows one to some and the other to others.";
    UNREADABLE = "BUN-004", Fails, "6.2; bundle",
        "a file that cannot be read",
        "Every file that the log reaches can be read and is no larger than its kind allows.",
        "Fetch the bundle again: the copy is damaged, or the file is not what its name says.";
    UNPUBLISHED_WIDTH = "BUN-005", Incomplete, "10.6; C2SP tlog-tiles",
        "a partial tile of a size without a head",
        "Partial tiles are made when a head of their size is made. The head of each such size \
         is in the bundle.",
        "Ask for the head of that size. Either it was left out of this copy, or it never got \
         its witnesses; `scrutineer log export` leaves such tiles out.";
    SIZES_DIFFER = "BUN-006", Fails, "6.2; bundle",
        "a list of heads that is not the heads that are there",
        "The list at `checkpoints/sizes` names the sizes of all heads under checkpoints/, one a \
         line, ascending, and no others.",
        "Ask where the copy comes from for the heads that are missing, or fetch it again. Without \
         all heads it cannot be told whether the log kept its promises.";
}
