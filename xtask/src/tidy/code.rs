//! What can be seen in parsed Rust: long functions, sleeps, skipped tests, async below its floor.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Signature, UseTree};

use super::{Tree, Violation, is_rust, is_test_file};
use crate::workspace::File;

/// A function has fewer lines than this, from its signature to its closing brace.
const FUNCTION_LINES: usize = 70;

/// The same for a test, where a long table of cases is no fault.
const TEST_LINES: usize = 120;

/// The highest floor without async code.
const LAST_SYNC_FLOOR: u64 = 4;

/// The rules `function-length`, `function-name`, `ignored-test`, `sleep`, `async` and `syntax`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| is_rust(file)) {
        let sync = tree.crates.iter().any(|one| {
            one.floor.is_some_and(|floor| floor <= LAST_SYNC_FLOOR)
                && file.path.starts_with(&format!("{}src/", one.folder()))
        });
        found.extend(file_violations(file, sync));
    }
    found
}

fn file_violations(file: &File, sync: bool) -> Vec<Violation> {
    let mut reader = Reader {
        path: &file.path,
        sync,
        named_elsewhere: false,
        depth_in_tests: usize::from(is_test_file(&file.path)),
        found: Vec::new(),
    };
    match syn::parse_file(file.text().unwrap_or_default()) {
        Ok(syntax) => reader.visit_file(&syntax),
        Err(error) => reader.report(error.span(), "syntax", format!("does not parse: {error}")),
    }
    reader.found
}

/// True for `#[cfg(test)]`.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// True for `#[test]`, `#[tokio::test]` and their like.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test"))
}

struct Reader<'a> {
    path: &'a str,
    /// The file is on a floor without async code.
    sync: bool,
    /// The present place is in `impl Trait for`, where the trait chose the names.
    named_elsewhere: bool,
    /// How many test-only items enclose the present place.
    depth_in_tests: usize,
    found: Vec<Violation>,
}

impl Reader<'_> {
    fn report(&mut self, span: Span, rule: &'static str, advice: String) {
        let line = span.start().line;
        self.found.push(Violation { path: self.path.to_owned(), line, rule, advice });
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: Option<&Block>) {
        let name = &signature.ident;
        if name.to_string().starts_with("get_") && !self.named_elsewhere {
            let advice = format!("{name}: a getter is named after what it gives");
            self.report(signature.ident.span(), "function-name", advice);
        }
        if self.sync
            && self.depth_in_tests == 0
            && let Some(word) = &signature.asyncness
        {
            self.forbid_async(word.span());
        }
        let Some(block) = block else { return };
        let (start, end) = (signature.span().start().line, block.span().end().line);
        let lines = end.saturating_sub(start) + 1;
        let limit = if self.depth_in_tests > 0 || is_test(attributes) {
            TEST_LINES
        } else {
            FUNCTION_LINES
        };
        if lines >= limit {
            let advice = format!(
                "{name} has {lines} lines, and fewer than {limit} are allowed; give a part of it \
                 a name"
            );
            self.report(signature.ident.span(), "function-length", advice);
        }
    }

    fn forbid_async(&mut self, span: Span) {
        let advice =
            format!("floors 0 to {LAST_SYNC_FLOOR} have no async code; move it to a server");
        self.report(span, "async", advice);
    }

    /// `path` is joined by `::`.
    fn name_used(&mut self, span: Span, path: &str) {
        // A load generator in a bench may wait before it asks a busy server again.
        let in_test = self.depth_in_tests > 0 && !self.path.contains("/benches/");
        let sleeps = path.ends_with("thread::sleep") || (in_test && path.ends_with("time::sleep"));
        if sleeps {
            let advice = "wait for the event itself: a channel, a join, a line of output";
            self.report(span, "sleep", advice.to_owned());
        }
    }

    fn imported(&mut self, tree: &UseTree, before: &str) {
        match tree {
            UseTree::Path(path) => {
                self.imported(&path.tree, &format!("{before}{}::", path.ident));
            }
            UseTree::Name(name) => {
                self.name_used(name.ident.span(), &format!("{before}{}", name.ident));
            }
            UseTree::Rename(name) => {
                self.name_used(name.ident.span(), &format!("{before}{}", name.ident));
            }
            UseTree::Group(group) => {
                for one in &group.items {
                    self.imported(one, before);
                }
            }
            UseTree::Glob(_) => {}
        }
    }

    fn inside(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let tests = usize::from(is_test_only(attributes) || is_test(attributes));
        self.depth_in_tests += tests;
        visit(self);
        self.depth_in_tests -= tests;
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.sig, Some(&item.block));
        self.inside(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, Some(&item.block));
        self.inside(&item.attrs, |reader| {
            visit::visit_impl_item_fn(reader, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.attrs, &item.sig, item.default.as_ref());
        self.inside(&item.attrs, |reader| {
            visit::visit_trait_item_fn(reader, item);
        });
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside(&item.attrs, |reader| visit::visit_item_mod(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let before = std::mem::replace(&mut self.named_elsewhere, item.trait_.is_some());
        self.inside(&item.attrs, |reader| visit::visit_item_impl(reader, item));
        self.named_elsewhere = before;
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let hidden = attribute.path().is_ident("cfg_attr")
            && attribute.meta.require_list().is_ok_and(|list| {
                list.tokens.clone().into_iter().any(|token| token.to_string() == "ignore")
            });
        if attribute.path().is_ident("ignore") || hidden {
            let advice = "a test that does not run proves nothing; run it or remove it";
            self.report(attribute.span(), "ignored-test", advice.to_owned());
        }
    }

    fn visit_expr_async(&mut self, expression: &'ast syn::ExprAsync) {
        if self.sync && self.depth_in_tests == 0 {
            self.forbid_async(expression.span());
        }
        visit::visit_expr_async(self, expression);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name_used(path.span(), &names.join("::"));
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.imported(&item.tree, "");
    }
}

#[cfg(test)]
mod tests;
