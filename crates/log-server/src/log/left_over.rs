//! The sizes of growths that a process before this one stored and no signed head covers.
//!
//! The power may have been cut before a barrier, so their partial tiles and bundles may be torn.
//! The next head is of another size and has partial ones of its own. Nothing would come by at
//! these again, and a copy of the published files would hold tiles that do not follow from their
//! leaves. So the log grows through each of these sizes once more.

use std::collections::BTreeSet;

use artifact::bundle::BundlePath;
use futures::{StreamExt, TryStreamExt, stream};
use service::store::{Store, StoreError};
use tlog::tile::{EntriesPath, LeafPath, Place, places_for_growth, tiles_for_growth};

use super::unsettled::{Unsettled, end_of_tile};

/// Folders that are listed at one time: a store may be far away.
const AT_ONE_TIME: usize = 64;

/// The sizes, of what stands partial in the store.
pub(crate) async fn sizes(
    store: &Store,
    unsettled: &Unsettled,
) -> Result<BTreeSet<u64>, StoreError> {
    let listed: Vec<Vec<(String, u64)>> = stream::iter(folders(unsettled))
        .map(|folder| async move { store.list_below(&folder).try_collect().await })
        .buffer_unordered(AT_ONE_TIME)
        .try_collect()
        .await?;
    let paths = listed.into_iter().flatten().map(|(path, _)| path);
    Ok(paths.filter_map(|path| end(&path)).filter(|end| unsettled.has(*end)).collect())
}

/// Where all that is partial and unsettled stands: beside the places of this growth, or, in a log
/// that was resumed, nobody knows how far on.
fn folders(unsettled: &Unsettled) -> Vec<String> {
    let Some((signed, logged)) = unsettled.bounds() else {
        return ["leaf", "tile"].map(str::to_owned).to_vec();
    };
    let beside = |path: String| format!("{path}.p");
    let leaves = |place: Place| beside(LeafPath(place.full()).to_string());
    let entries = |place: Place| beside(EntriesPath(place.full()).to_string());
    let places = || places_for_growth(signed, logged);
    let tiles = tiles_for_growth(signed, logged).map(|tile| beside(tile.full().to_string()));
    places().map(leaves).chain(places().map(entries)).chain(tiles).collect()
}

/// The size of the smallest log that has this partial tile or bundle.
fn end(path: &str) -> Option<u64> {
    let partial = |place: Place| (!place.is_full()).then(|| place.end());
    match path.parse().ok()? {
        BundlePath::Leaf(LeafPath(place)) | BundlePath::Entries(EntriesPath(place)) => {
            partial(place)
        }
        BundlePath::Tile(tile) => (!tile.is_full()).then(|| end_of_tile(tile)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_tiles_say_the_size_that_has_them() {
        let ends = [
            ("leaf/000.p/6", Some(6)),
            ("tile/entries/001.p/3", Some(259)),
            ("tile/0/001.p/3", Some(259)),
            ("tile/1/000.p/5", Some(1280)),
            ("leaf/000", None),
            ("tile/1/000", None),
            ("checkpoints/6", None),
        ];
        for (path, expected) in ends {
            assert_eq!(end(path), expected, "{path}");
        }
    }

    #[test]
    fn only_folders_that_can_hold_some_are_listed() {
        let folders = folders(&Unsettled::new(300, 520));
        let expected = [
            "leaf/001.p",
            "leaf/002.p",
            "tile/entries/001.p",
            "tile/entries/002.p",
            "tile/0/001.p",
            "tile/0/002.p",
            "tile/1/000.p",
        ];
        assert_eq!(folders, expected);
        assert_eq!(super::folders(&Unsettled::new(300, 300)), Vec::<String>::new());
        assert_eq!(super::folders(&Unsettled::after(300)), ["leaf", "tile"]);
    }
}
