use super::*;

fn long(symbol: &str, count: usize) -> String {
    symbol.repeat(count)
}

macro_rules! judged {
    ($type:ty, yes: [$($yes:expr),* $(,)?], no: [$($no:expr),* $(,)?]) => {
        $( {
            let text: String = $yes.into();
            let read: $type = text.parse().unwrap();
            assert_eq!(read.as_str(), text);
            assert_eq!(read.to_string(), text);
            assert_eq!(serde_json::to_string(&read).unwrap(), serde_json::json!(text).to_string());
        } )*
        $( {
            let text: String = $no.into();
            let error = text.parse::<$type>().unwrap_err();
            assert!(error.found.chars().count() <= 80);
            assert!(error.to_string().contains(error.what));
        } )*
    };
}

#[test]
fn labels() {
    judged!(
        ElectionId,
        yes: ["a", "0", "hinsdale-2024-general", "a.b-c", "a-", long("z", 64)],
        no: ["", "-a", ".a", "A", "a_b", "a b", "é", "a\n", long("z", 65)]
    );
    judged!(HolderId, yes: ["scanner-3"], no: ["Scanner 3"]);
}

#[test]
fn names_of_keys() {
    judged!(
        KeyName,
        yes: ["w", "log.example:8080/a_b-c", "A1", long("x", 128)],
        no: ["", "/a", "a+b", "a b", "é", "a\t", long("x", 129)]
    );
}

#[test]
fn names_count_characters_not_bytes() {
    judged!(
        Name,
        yes: ["x", "Bin #1", "é", "a\u{a0}", "17th Judicial District Ballot Question 7B",
            long("é", 200), long("\u{1F5F3}", 200)],
        no: ["", " ", " a", "a ", "a\tb", "a\nb", "a\u{7f}", "a\u{85}b", long("é", 201)]
    );
    judged!(Part, yes: ["102", "box 7", long("é", 64)], no: ["a/b", "", " a", long("é", 65)]);
}

#[test]
fn texts_may_have_lines() {
    judged!(
        Text,
        yes: ["x", " a\nb ", long("é", 4000)],
        no: ["", "a\tb", "a\rb", "\u{0}", long("é", 4001), long("a", 16_001)]
    );
}

#[test]
fn file_names_have_no_tricks() {
    judged!(
        FileName,
        yes: ["a", "a b.csv", "x/y/z.txt", "...", ".hidden", "a..b", "é", long("é", 255)],
        no: ["", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\\b", "C:a",
            "a\0b", "a\nb", long("a", 256)]
    );
}

#[test]
fn file_types() {
    judged!(
        FileType,
        yes: ["text", "ballot_manifest/csv", "sbom/cyclonedx+json", "0/0", long("a", 64)],
        no: ["", "/", "a/", "/a", "a/b/c", "A/b", "a b", "_a", long("a", 65)]
    );
}

#[test]
fn decimals() {
    judged!(
        Decimal,
        yes: ["0", "0.03", "1", "1.03905", "123456789012.123456789012", "0.000"],
        no: ["", ".5", "5.", "-1", "+1", "1e2", "01", "00", "0.0.0", "1,5", " 1",
            "1234567890123", "0.1234567890123"]
    );
}

#[test]
fn decimals_compare_with_one() {
    for (text, fraction, above) in [
        ("0", false, false),
        ("0.000", false, false),
        ("0.03", true, false),
        ("0.999999999999", true, false),
        ("1", false, false),
        ("1.000", false, false),
        ("1.000000000001", false, true),
        ("2", false, true),
        ("10", false, true),
    ] {
        let decimal: Decimal = text.parse().unwrap();
        assert_eq!(decimal.is_fraction(), fraction, "{text}");
        assert_eq!(decimal.exceeds_one(), above, "{text}");
    }
}

#[test]
fn ballots_and_seeds() {
    judged!(Rbid, yes: ["1f0c9a7b", "102-23-5", "A_b.c"], no: ["", "-1", "a/b", "a b"]);
    judged!(
        Seed,
        yes: ["0", "53417960661093690826", long("9", 200)],
        no: ["", "1 2", "-1", "0x1", "１", long("9", 201)]
    );
}

#[test]
fn verifier_keys() {
    let key = "A".repeat(44);
    judged!(
        VkeyText,
        yes: [format!("log.example/x+0badcafe+{key}"), format!("n+00000000+{}", "+/".repeat(22))],
        no: [
            "",
            format!("log.example+0badcafe+{}", "A".repeat(43)),
            format!("log.example+0BADCAFE+{key}"),
            format!("+0badcafe+{key}"),
            format!("log example+0badcafe+{key}"),
            format!("n+0badcaf+{key}"),
            format!("{}+0badcafe+{key}", "n".repeat(500)),
        ]
    );
}

#[test]
fn a_salt_is_32_bytes_of_hexadecimal() {
    let salt = Salt::new([7; 32]);
    let json = serde_json::to_string(&salt).unwrap();
    assert_eq!(json, format!("\"{}\"", "07".repeat(32)));
    assert_eq!(serde_json::from_str::<Salt>(&json).unwrap(), salt);
    assert_eq!(format!("{salt}"), "07".repeat(32));
    assert!(serde_json::from_str::<Salt>(&format!("\"{}\"", "07".repeat(31))).is_err());
}
