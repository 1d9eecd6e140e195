use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn county(name: &str) -> BallotManifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/colorado-2024").join(name);
    BallotManifest::read(&std::fs::read(path).unwrap()).unwrap()
}

fn faults(text: &str) -> Vec<(u64, String)> {
    let error = BallotManifest::read(text.as_bytes()).unwrap_err();
    error.faults().iter().map(|fault| (fault.line, fault.kind.to_string())).collect()
}

const HEADER: &str = "County,Tabulator,Batch,# of Ballots,Location\n";

fn faults_below_header(rows: &str) -> Vec<(u64, String)> {
    faults(&format!("{HEADER}{rows}"))
}

#[test]
fn the_counties_manifests_are_read() {
    let hinsdale = county("HinsdaleBallotManifest.csv");
    assert_eq!((hinsdale.batches().len(), hinsdale.total()), (26, 618));
    let boulder = county("BoulderBallotManifest.csv");
    assert_eq!((boulder.batches().len(), boulder.total()), (1960, 396_121));
}

#[test]
fn the_digest_is_that_of_sha256sum() {
    // sha256sum HinsdaleBallotManifest.csv BoulderBallotManifest.csv
    let digest = |name| county(name).digest().to_string();
    assert_eq!(
        digest("HinsdaleBallotManifest.csv"),
        "1f905138553fdecada0e94f45da0e36dc88879f7437676bb0be420e40a2baf0a"
    );
    assert_eq!(
        digest("BoulderBallotManifest.csv"),
        "233dfe1b911c3218d3b31ed9eb3f537e3e1aee5d52f1c7ea223fab6c5273541b"
    );
}

#[test]
fn cards_are_numbered_through_the_batches() {
    let manifest = county("HinsdaleBallotManifest.csv");
    let text = |index| manifest.card_at(index).map(|card| card.to_string());
    assert_eq!(text(0), None);
    assert_eq!(text(1).as_deref(), Some("102-1-1"));
    assert_eq!(text(25).as_deref(), Some("102-1-25"));
    assert_eq!(text(26).as_deref(), Some("102-2-1"));
    assert_eq!(text(555).as_deref(), Some("102-23-5"));
    assert_eq!(text(618).as_deref(), Some("102-26-10"));
    assert_eq!(text(619), None);
    assert_eq!(manifest.card_at(555).unwrap().id(), "102/23/5");
}

#[test]
fn headers_of_several_offices_are_read() {
    let headers = [
        "County,Tabulator,Batch,# of Ballots,Location",
        "County,Tabulator ID ,Batch,# of Ballots,Locations",
        "CountyID,ScannerID,BatchID,NumBallots,StorageLocation",
        "County Name,Device ID,Batch Number,Number of Ballots in Batch,Storage Location",
        "county,tabulator_id,batch_name,ballot_count,location",
        "COUNTY,TABULATOR,BATCH,BATCH SIZE,LOCATION",
        "X,Container,Batch Name,Number of Ballot Cards,Y",
    ];
    for header in headers {
        let text = format!("{header}\r\nAdams, 7 ,A 1,12 ,Shelf \r\n");
        let manifest = BallotManifest::read(text.as_bytes()).expect(header);
        assert_eq!(manifest.card_at(12).unwrap().id(), "7/A 1/12", "{header}");
    }
}

#[test]
fn columns_stand_in_any_order() {
    let text = "Container,Batch Name,Number of Ballots,Tabulator\nBox 1,B,3,7\n";
    let manifest = BallotManifest::read(text.as_bytes()).unwrap();
    assert_eq!(manifest.card_at(3).unwrap().id(), "7/B/3");
}

#[test]
fn byte_order_mark_blank_lines_and_quotes_change_nothing_but_the_digest() {
    let plain = format!("{HEADER}A,1,1,2,x\nA,1,2,3,y\n");
    let dressed =
        format!("\u{feff}{HEADER}\n\"A\",\"1\", 1 ,\"2\",\"x, y\"\r\n\r\nA,1,2,3\n,,,,\n");
    let plain = BallotManifest::read(plain.as_bytes()).unwrap();
    let dressed_manifest = BallotManifest::read(dressed.as_bytes()).unwrap();
    assert!(plain.batches().eq(dressed_manifest.batches()));
    assert_eq!(dressed_manifest.digest(), Digest::of(dressed.as_bytes()));
    assert_ne!(dressed_manifest.digest(), plain.digest());
}

#[test]
fn every_fault_is_named_with_its_line() {
    let rows = "A,1,1,25,x\n\nA,1,2,0,x\r\nA,1,3,-5,x\nA,1,4,ten,x\nA,1,1,25,x\nA,1\nA,,6,25,x\n\
                A,1/2,7,25,x\nA,1,8,\"1,200\",x\nA,1,9,+5,x\nA,1,10,2.0,x\n";
    let count =
        |text: &str| format!("the number of ballots is {text:?}: it must be a whole number from 1");
    let expected = [
        (4, count("0")),
        (5, count("-5")),
        (6, count("ten")),
        (7, "batch 1-1 is on line 2 too: give each batch one line".into()),
        (8, "the batch is missing".into()),
        (8, "the number of ballots is missing".into()),
        (9, "the tabulator is missing".into()),
        (10, "the tabulator \"1/2\" holds a slash or a control character".into()),
        (11, count("1,200")),
        (12, count("+5")),
        (13, count("2.0")),
    ];
    assert_eq!(faults_below_header(rows), expected);
}

#[test]
fn the_error_lists_the_faults() {
    let error = BallotManifest::read(format!("{HEADER}A,1,1,x,\nA,1,1,2,\n").as_bytes());
    let expected = "the ballot manifest has 2 faults\n  \
                    line 2: the number of ballots is \"x\": it must be a whole number from 1\n  \
                    line 3: batch 1-1 is on line 2 too: give each batch one line";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn batches_whose_cards_would_be_printed_alike_are_refused() {
    let found = faults_below_header("A,1-2,3,5,x\nA,1,2-3,5,x\n");
    assert_eq!(found, [(3, "batch 1-2-3 is on line 2 too: give each batch one line".into())]);
}

#[test]
fn missing_and_doubled_columns_are_named() {
    let missing =
        |column| (1, format!("no column for the {column}: the first line must name the columns"));
    let all = [missing("tabulator"), missing("batch"), missing("number of ballots")];
    assert_eq!(faults(""), all);
    assert_eq!(faults("Hinsdale,102,1,25,Bin #1\n"), all);
    assert_eq!(faults("County,Tabulator,Batch\nA,1,1\n"), all[2..]);
    let doubled = "columns 1 and 3 could both be the batch: rename one";
    assert_eq!(faults("Batch,Tabulator,Batch ID,Ballots\n1,1,1,1\n"), [(1, doubled.to_owned())]);
}

#[test]
fn a_manifest_without_batches_is_refused() {
    assert_eq!(faults(HEADER), [(1, "there are no batches".into())]);
}

#[test]
fn an_open_quotation_does_not_swallow_batches() {
    let found = faults_below_header("A,1,1,25,\"Bin\nA,1,2,25,Bin\nA,1,3,25,Bin\n");
    assert_eq!(found, [(2, "a quotation mark is not closed on its line".into())]);
}

#[test]
fn more_cards_than_can_be_counted_are_refused() {
    let too_many =
        "with this batch there are more than 2^53 - 1 cards: check the number of ballots";
    let huge = "9".repeat(40);
    let rows = format!("A,1,1,{huge},x\nA,1,2,{MAX_CARDS},x\nA,1,3,1,x\n");
    assert_eq!(faults_below_header(&rows), [(2, too_many.into()), (4, too_many.into())]);
    let all = format!("{HEADER}A,1,2,{MAX_CARDS},x\n");
    let manifest = BallotManifest::read(all.as_bytes()).unwrap();
    assert_eq!(manifest.card_at(MAX_CARDS).unwrap().position, MAX_CARDS);
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_line() {
    let error = BallotManifest::read(b"County,Tabulator,Batch,Ballots\nA,1,1,5\nDo\xf1a,1,2,5\n");
    let expected = Fault { line: 3, kind: FaultKind::Encoding };
    assert_eq!(error.unwrap_err().faults(), [expected]);
}

#[test]
fn a_thousand_faults_are_held_and_the_rest_counted() {
    let rows = "A,1,1,x,\n".repeat(2000);
    let error = BallotManifest::read(format!("{HEADER}{rows}").as_bytes()).unwrap_err();
    // 2000 counts, 1999 repetitions.
    assert_eq!((error.faults().len(), error.count()), (1000, 3999));
    assert!(error.to_string().ends_with("\n  and 2999 more"));
}

prop_compose! {
    fn counts()(counts in prop::collection::vec(1_u64..40, 1..40)) -> Vec<u64> { counts }
}

fn manifest_of(counts: &[u64]) -> BallotManifest {
    let mut text = HEADER.to_owned();
    for (at, count) in counts.iter().enumerate() {
        writeln!(text, "A,7,{at},{count},x").unwrap();
    }
    BallotManifest::read(text.as_bytes()).unwrap()
}

proptest! {
    /// Looking up every index gives the cards in the order in which one would write them out.
    #[test]
    fn card_at_walks_the_cards(counts in counts()) {
        let manifest = manifest_of(&counts);
        let expected = counts
            .iter()
            .enumerate()
            .flat_map(|(at, count)| (1..=*count).map(move |place| format!("7-{at}-{place}")));
        let found = (1..=manifest.total()).map(|index| manifest.card_at(index).unwrap());
        prop_assert!(found.map(|card| card.to_string()).eq(expected));
        prop_assert_eq!(manifest.total(), counts.iter().sum::<u64>());
    }

    /// The parts of a range are exactly its cards.
    #[test]
    fn parts_cover_a_range_once(counts in counts(), from in 1_u64..900, length in 0_u64..900) {
        let manifest = manifest_of(&counts);
        let to = from + length;
        let found: Vec<String> = manifest
            .parts(from..=to)
            .flat_map(|(batch, positions)| {
                positions.map(move |place| format!("{}-{}-{place}", batch.tabulator, batch.name))
            })
            .collect();
        let expected: Vec<String> = (from..=to)
            .map_while(|index| manifest.card_at(index))
            .map(|card| card.to_string())
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// No bytes panic, and what is read has at least one card.
    #[test]
    fn any_bytes_are_read_or_refused(rows in prop::collection::vec("[A,1\"/\r\n-]{0,12}", 0..8)) {
        let text = format!("{HEADER}{}", rows.join("\n"));
        match BallotManifest::read(text.as_bytes()) {
            Ok(manifest) => prop_assert!(manifest.card_at(manifest.total()).is_some()),
            Err(error) => prop_assert!(error.count() > 0),
        }
    }
}
