//! The form of a series.

use super::super::{Series, SeriesFault};

const GOOD: &str = r#"{"campaign":"solar","options":["Yes","No"],"stations":["ST-1"],"k":0,
"shards":1,"stamp_period_s":86400,"closed":true,"snapshots":[
{"time":"2026-11-03T07:00:00Z","votes":0,"voters":0,"by_option":[0,0],"stamps":[0],"check_ins":0},
{"time":"2026-11-03T07:05:00Z","votes":3,"voters":3}]}"#;

fn fault(from: &str, to: &str) -> SeriesFault {
    assert!(GOOD.contains(from));
    Series::read(GOOD.replacen(from, to, 1).as_bytes()).unwrap_err()
}

#[test]
fn a_series_is_read_and_written_alike() {
    let series = Series::read(GOOD.as_bytes()).unwrap();
    let bytes = canon::json::to_canonical(&series).unwrap();
    assert_eq!(Series::read(&bytes).unwrap(), series);
    assert_eq!(series.snapshots[1].by_option, None);
}

#[test]
fn each_fault_is_named() {
    assert!(matches!(fault("\"k\":0", "\"k\":-1"), SeriesFault::Json(_)));
    assert!(matches!(fault("\"k\":0", "\"k\":0,\"l\":1"), SeriesFault::Json(_)));
    assert!(matches!(fault("\"check_ins\":0", "\"check_ins\":null"), SeriesFault::Json(_)));
    assert_eq!(fault("solar", "So lar"), SeriesFault::Name);
    assert!(matches!(fault("\"No\"", "\"Yes\""), SeriesFault::Options(_)));
    assert_eq!(fault("ST-1", "ST 1"), SeriesFault::Station { number: 1 });
    assert_eq!(fault("[\"ST-1\"]", "[\"A\",\"A\"]"), SeriesFault::Station { number: 2 });
    assert_eq!(fault("\"shards\":1", "\"shards\":0"), SeriesFault::Zero);
    assert_eq!(fault("07:05", "07:00"), SeriesFault::Order { number: 2 });
    let length = |member| SeriesFault::Length { number: 1, member };
    assert_eq!(fault("[0,0]", "[0]"), length("by_option"));
    assert_eq!(fault("\"stamps\":[0]", "\"stamps\":[]"), length("stamps"));
    let much = "[9007199254740991,9]";
    assert_eq!(fault("[0,0]", much), SeriesFault::TooLarge { number: 1 });
    let one = GOOD.split(",\n{\"time\":\"2026-11-03T07:05").next().unwrap().to_owned() + "]}";
    assert_eq!(Series::read(one.as_bytes()).unwrap_err(), SeriesFault::Snapshots { found: 1 });
}
