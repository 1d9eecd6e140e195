use super::*;

#[test]
fn the_page_has_no_place_left_and_no_markup_from_values() {
    let refused = Some("<script>alert('{{CODE}}')</script>".to_owned());
    let screen = Screen {
        station: "a-1".into(),
        code: Some("263917".into()),
        check: Some('6'),
        seconds_left: Some(7),
        updated: None,
        updated_words: String::new(),
        clock: "good",
        clock_words: "right".into(),
        ahead: Some("The clock was ahead: <b>".into()),
        hint: refused.clone(),
        refused,
        development: true,
        warning: Some("FOR DEVELOPMENT ONLY."),
    };
    let page = filled(&screen);
    assert!(page.contains(">263 917 6<") && page.contains("FOR DEVELOPMENT ONLY"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&#39;{{CODE}}&#39;)"), "{page}");
    assert!(page.contains("The clock was ahead: &lt;b&gt;"), "{page}");
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains(&format!("<style>{STYLE}</style>")), "as its digest says");
    assert!(page.contains(&format!("<script>{SCRIPT}</script>")), "as its digest says");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing from elsewhere");
}
