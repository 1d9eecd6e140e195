use super::super::made_up::{file, places};
use super::*;

fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
    let found = file_violations(&file(path, text), path.starts_with("crates/verify/"));
    found.iter().map(|one| (one.line, one.rule)).collect()
}

/// A function of so many lines, its signature and closing brace included.
fn function(lines: usize, head: &str) -> String {
    let body = "    step();\n".repeat(lines - 2);
    format!("{head} {{\n{body}}}\n")
}

#[test]
fn sixty_nine_lines_pass_and_seventy_do_not() {
    assert_eq!(rules("crates/x/src/lib.rs", &function(69, "fn a()")), []);
    assert_eq!(rules("crates/x/src/lib.rs", &function(70, "fn a()")), [(1, "function-length")]);
}

#[test]
fn documentation_above_a_function_is_not_counted() {
    let text = format!("{}{}", "/// Words.\n".repeat(60), function(69, "#[inline]\npub fn a()"));
    assert_eq!(rules("crates/x/src/lib.rs", &text), []);
}

#[test]
fn methods_are_functions_too() {
    let text = format!("impl A {{\n{}}}\n", function(80, "fn a(&self)"));
    assert_eq!(rules("crates/x/src/lib.rs", &text), [(2, "function-length")]);
    let text = format!("trait A {{\n{}}}\n", function(80, "fn a(&self)"));
    assert_eq!(rules("crates/x/src/lib.rs", &text), [(2, "function-length")]);
}

#[test]
fn tests_may_be_longer_but_not_endless() {
    let text = function(100, "#[test]\nfn a()");
    assert_eq!(rules("crates/x/src/lib.rs", &text), []);
    let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(100, "fn a()"));
    assert_eq!(rules("crates/x/src/lib.rs", &text), []);
    assert_eq!(rules("crates/x/tests/a.rs", &function(119, "fn a()")), []);
    let text = function(120, "#[tokio::test]\nasync fn a()");
    assert_eq!(rules("crates/x/src/lib.rs", &text), [(2, "function-length")]);
}

#[test]
fn a_condition_that_is_not_test_opens_no_door() {
    let text = format!("#[cfg(not(test))]\nmod a {{\n{}}}\n", function(100, "fn a()"));
    assert_eq!(rules("crates/x/src/lib.rs", &text), [(3, "function-length")]);
}

#[test]
fn getters_are_named_after_what_they_give() {
    assert_eq!(rules("a.rs", "\nfn get_size() {}\n"), [(2, "function-name")]);
    assert_eq!(rules("a.rs", "trait A { fn get_size(&self); }"), [(1, "function-name")]);
    assert_eq!(rules("a.rs", "impl A { fn get_size(&self) {} }"), [(1, "function-name")]);
    assert_eq!(rules("a.rs", "fn size() {}\nfn getter() {}\n"), []);
    assert_eq!(rules("a.rs", "impl Other for A { fn get_opts(&self) {} }"), []);
}

#[test]
fn sleeps_are_found_however_they_are_written() {
    assert_eq!(rules("a.rs", "fn a() { std::thread::sleep(d); }"), [(1, "sleep")]);
    assert_eq!(rules("a.rs", "use std::thread::sleep;"), [(1, "sleep")]);
    assert_eq!(rules("a.rs", "use std::{io, thread::{self, sleep as s}};"), [(1, "sleep")]);
    assert_eq!(rules("a.rs", "fn a() { thread::spawn(f); asleep(); }"), []);
}

#[test]
fn a_server_may_wait_for_its_clock_but_a_test_may_not() {
    let text = "async fn a() { tokio::time::sleep(d).await; }";
    assert_eq!(rules("crates/service/src/a.rs", text), []);
    assert_eq!(rules("crates/service/tests/a.rs", text), [(1, "sleep")]);
    assert_eq!(rules("crates/service/benches/a.rs", text), []);
    let text = format!("#[tokio::test]\n{text}");
    assert_eq!(rules("crates/service/src/a.rs", &text), [(2, "sleep")]);
}

#[test]
fn skipped_tests_are_found() {
    assert_eq!(rules("a.rs", "#[test]\n#[ignore]\nfn a() {}"), [(2, "ignored-test")]);
    assert_eq!(rules("a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}"), [(2, "ignored-test")]);
    assert_eq!(
        rules("a.rs", "#[test]\n#[cfg_attr(miri, ignore)]\nfn a() {}"),
        [(2, "ignored-test")]
    );
}

#[test]
fn async_code_is_kept_out_of_the_lower_floors() {
    assert_eq!(rules("crates/verify/src/a.rs", "async fn a() {}"), [(1, "async")]);
    assert_eq!(rules("crates/verify/src/a.rs", "fn a() { async { 1 }; }"), [(1, "async")]);
    assert_eq!(rules("crates/service/src/a.rs", "async fn a() { async { 1 }; }"), []);
    let tests = "#[cfg(test)]\nmod tests { async fn a() {} }";
    assert_eq!(rules("crates/verify/src/a.rs", tests), []);
}

#[test]
fn what_does_not_parse_is_said() {
    let tree = Tree { files: vec![file("a.rs", "fn {"), file("b.md", "fn {")], crates: vec![] };
    assert_eq!(places(&check(&tree)), [("a.rs", 1, "syntax")]);
}
