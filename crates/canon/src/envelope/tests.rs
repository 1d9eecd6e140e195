use super::*;
use crate::key::PrivateKey;
use serde_json::json;

fn key(byte: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, [byte; 32]).unwrap()
}

#[test]
fn round_trip_of_each_algorithm() {
    let p256 = PrivateKey::from_seed(Algorithm::EcdsaP256, [7; 32]).unwrap();
    let signers: [&dyn Signer; 2] = [&key(1), &p256];
    let payload = json!({"election_id": "e", "b": [1, 2], "a": null});
    let kind: Kind = "cvr/v1".parse().unwrap();
    let bytes = sign_to_bytes(&kind, &payload, &signers).unwrap();
    let signed = SignedBytes::parse(&bytes).unwrap();
    assert_eq!(signed.kind, "cvr/v1");
    assert_eq!(signed.payload, br#"{"a":null,"b":[1,2],"election_id":"e"}"#);
    for (index, signer) in signers.iter().enumerate() {
        signed.verify(index, &signer.public_key()).unwrap();
    }
    let envelope = Envelope::sign(kind, &payload, &signers).unwrap();
    assert_eq!(envelope.to_bytes().unwrap(), bytes);
}
