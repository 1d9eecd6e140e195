//! The secrets of an edge, by file or environment, held against the campaign file.

use std::path::Path;

use axum::http::HeaderValue;
use booth::Secret;
use booth::campaign::{Campaign, Shard};
use booth::collect::PassHeader;
use booth::edge::EdgeSecrets;
use booth::stamp::StampKeys;
use canon::{Digest, PublicKey, base64};
use service::config;
use zeroize::{Zeroize as _, Zeroizing};

use super::super::config::CampaignEntry;
use super::super::error::CampaignEntryFault as Fault;

/// The pass header, marked so that nothing shows it.
pub(crate) fn pass(
    name: &'static str,
    secret: &config::Secret,
    base: &Path,
) -> Result<HeaderValue, Fault> {
    let bytes = read(name, secret, base)?;
    let mut value = HeaderValue::from_bytes(&bytes).map_err(|_| Fault::Pass)?;
    // Spaces at the ends do not arrive.
    if bytes.trim_ascii() != bytes.as_slice() {
        return Err(Fault::Pass);
    }
    value.set_sensitive(true);
    Ok(value)
}

/// What the publisher shows. Whoever has it must not be able to hand in votes by it.
pub(super) fn stamps_pass(entry: &CampaignEntry, base: &Path) -> Result<Option<PassHeader>, Fault> {
    let Some(secret) = &entry.stamps_pass else { return Ok(None) };
    let value = pass("stamps_pass", secret, base)?;
    let header = PassHeader::new(value.to_str().map_err(|_| Fault::Pass)?);
    let own = entry.pass.as_ref().map(|secret| pass("pass", secret, base)).transpose()?;
    if own.is_some_and(|own| header.accept(own.as_bytes())) {
        return Err(Fault::OnePass);
    }
    Ok(Some(header))
}

/// A kind of key, and what tells one from another.
pub(super) type Own = (&'static str, Digest);

/// The keys that serve one campaign: its authorities', those of stamps and decoys, that of voter
/// stamps, and those of receipts.
pub(super) fn own(campaign: &Campaign, stamps: &StampKeys, edge_key: Digest) -> Vec<Own> {
    let authorities = campaign.authorities().keys().iter().map(|key| ("authority", key));
    let stamps = [stamps.stamp_key(), stamps.decoy_key()].map(|key| ("key of stamps", key));
    let receipts = (0..campaign.shards()).filter_map(|shard| campaign.receipt_key(Shard(shard)));
    let receipts = receipts.map(|key| ("receipt key", key));
    let public = authorities.chain(stamps).chain(receipts);
    let public = public.map(|(what, key)| (what, Digest::of(key.bytes())));
    public.chain([("edge_key", edge_key)]).collect()
}

/// The keys of stamps and decoys, and that of voter stamps with its digest.
pub(super) fn secrets(entry: &CampaignEntry, base: &Path) -> Result<(EdgeSecrets, Digest), Fault> {
    let stamp = seed("stamp_seed", &entry.stamp_seed, base)?;
    let decoy = seed("decoy_seed", &entry.decoy_seed, base)?;
    let edge = seed("edge_key", &entry.edge_key, base)?;
    let stamps = StampKeys::new(&stamp, &decoy).map_err(|_| Fault::SameKeys)?;
    Ok((EdgeSecrets { stamps, edge_key: Secret::new(&edge) }, Digest::of(&*edge)))
}

fn seed(
    name: &'static str,
    secret: &config::Secret,
    base: &Path,
) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let text = read(name, secret, base)?;
    let mut bytes = base64::decode(&text).ok_or(Fault::SecretForm { name })?;
    let seed = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new);
    bytes.zeroize();
    seed.map_err(|_| Fault::SecretForm { name })
}

fn read(
    name: &'static str,
    secret: &config::Secret,
    base: &Path,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    secret.read(base).map_err(|source| Fault::Secret { name, source })
}

/// What is wrong between the keys and the digests that the campaign file commits to.
pub(super) fn uncommitted(campaign: &Campaign, keys: &StampKeys) -> Vec<Fault> {
    let both: [(&'static str, &'static str, &PublicKey, Option<&Digest>); 2] = [
        ("stamp_seed", "stamp_key_sha256", keys.stamp_key(), campaign.stamp_key_sha256()),
        ("decoy_seed", "decoy_key_sha256", keys.decoy_key(), campaign.decoy_key_sha256()),
    ];
    both.into_iter()
        .filter_map(|(name, field, key, committed)| match committed {
            None => Some(Fault::NotCommitted { field }),
            Some(digest) if *digest == Digest::of(key.bytes()) => None,
            Some(_) => Some(Fault::OtherKey { name, field }),
        })
        .collect()
}
