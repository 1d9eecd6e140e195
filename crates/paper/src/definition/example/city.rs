//! The city of Alder Falls.

use artifact::payload::definition::{
    Choice, Contest, ElectionType, Method, Paper, Precinct, Rotation, Split, Subject,
};

use super::{
    candidate, contest, district, language, measure, name, paragraphs, party, words, yes_or_no,
};
use crate::definition::Description;

#[allow(clippy::expect_used, reason = "the texts of the examples are ours")]
pub(super) fn description() -> Description {
    let mut contests = offices();
    contests.extend(questions());
    Description {
        contests,
        date: "2026-11-03".parse().expect("a date"),
        districts: vec![
            district("city", "City of Alder Falls", "Ciudad de Alder Falls"),
            district("ward-1", "Ward 1", "Distrito municipal 1"),
            district("ward-2", "Ward 2", "Distrito municipal 2"),
            district("school", "Alder School District", "Distrito escolar de Alder"),
        ],
        election_id: "alder-falls-2026".parse().expect("an election id"),
        files: Vec::new(),
        jurisdiction: words("City of Alder Falls", "Ciudad de Alder Falls"),
        languages: vec![language("en"), language("es")],
        paper: Paper::Legal,
        parties: vec![
            party("forward", "Forward Alder", "Adelante Alder"),
            party("commons", "Commons Party", "Partido de los Comunes"),
        ],
        precincts: vec![
            precinct("1", &[("1", &["city", "ward-1", "school"])]),
            precinct("2", &[("2-A", &["city", "ward-2", "school"]), ("2-B", &["city", "ward-2"])]),
        ],
        title: words("Municipal Election", "Elecciones municipales"),
        election_type: ElectionType::General,
    }
}

fn precinct(id: &str, splits: &[(&str, &[&str])]) -> Precinct {
    let split = |(id, districts): &(&str, &[&str])| Split {
        districts: districts.iter().map(|district| name(district)).collect(),
        id: name(id),
    };
    Precinct {
        id: name(id),
        name: words(&format!("Precinct {id}"), &format!("Precinto {id}")),
        splits: splits.iter().map(split).collect(),
    }
}

fn of(party: &str, mut choice: Choice) -> Choice {
    choice.parties = vec![name(party)];
    choice
}

fn who(mut choice: Choice, en: &str, es: &str) -> Choice {
    choice.detail = Some(words(en, es));
    choice
}

fn offices() -> Vec<Contest> {
    let mut mayor = contest(
        "mayor",
        "city",
        words("Mayor", "Alcaldía"),
        vec![
            of("forward", candidate("vane", "Marisol Vane")),
            of("commons", candidate("okafor-lind", "Tobias Okafor-Lind")),
            candidate("brack", "Edda Brack"),
            candidate("quill", "Jonah Quill"),
        ],
    );
    mayor.method = Method::Ranked;
    mayor.ranks = Some(3);
    mayor.write_ins = 1;
    mayor.rotation = Some(Rotation::Precinct);
    mayor.text = Some(paragraphs("Four-year term", "Mandato de cuatro años"));

    let mut council = contest(
        "council",
        "city",
        words("City Council, at large", "Concejo municipal, por toda la ciudad"),
        vec![
            who(candidate("hartwell", "Priya Hartwell"), "Nurse", "Enfermera"),
            who(candidate("moss", "Caleb Moss"), "Carpenter", "Carpintero"),
            who(candidate("ibarra", "Lucía Ibarra"), "Teacher", "Maestra"),
            who(candidate("stone", "Wendell Stone"), "Retired", "Jubilado"),
            who(candidate("adeyemi", "Folake Adeyemi"), "Engineer", "Ingeniera"),
        ],
    );
    council.vote_for = 3;
    council.write_ins = 3;
    council.rotation = Some(Rotation::Style);

    let mut offices = vec![mayor, council];
    offices.extend(of_parts());
    offices
}

/// The wards, the schools, the parks.
fn of_parts() -> Vec<Contest> {
    let mut ward_1 = contest(
        "ward-1",
        "ward-1",
        words("City Council, Ward 1", "Concejo municipal, distrito 1"),
        vec![
            of("forward", candidate("pell", "Anders Pell")),
            of("commons", candidate("rosario", "Inés Rosario")),
        ],
    );
    ward_1.write_ins = 1;
    let mut ward_2 = contest(
        "ward-2",
        "ward-2",
        words("City Council, Ward 2", "Concejo municipal, distrito 2"),
        vec![of("commons", candidate("thorne", "Beatrix Thorne")), candidate("lum", "Desmond Lum")],
    );
    ward_2.write_ins = 1;

    let mut board = contest(
        "school-board",
        "school",
        words("School Board", "Junta escolar"),
        vec![
            candidate("finch", "Odalys Finch"),
            candidate("grant", "Rufus Grant"),
            candidate("nakano", "Emi Nakano"),
        ],
    );
    board.vote_for = 2;

    let mut parks = contest(
        "parks",
        "city",
        words("Parks Commission", "Comisión de parques"),
        vec![
            candidate("birch", "Nell Birch"),
            candidate("castellan", "Hugo Castellan"),
            candidate("dray", "Samira Dray"),
        ],
    );
    parks.method = Method::Approval;
    parks.vote_for = 3;
    vec![ward_1, ward_2, board, parks]
}

fn questions() -> Vec<Contest> {
    let mut judge = contest(
        "judge",
        "city",
        words(
            "Shall Judge Corwin Hale be kept in office?",
            "¿Debe permanecer en el cargo el juez Corwin Hale?",
        ),
        yes_or_no(),
    );
    judge.subject = Subject::Retention;
    let library = measure(
        "measure-a",
        "city",
        words("Measure A: library", "Medida A: biblioteca"),
        paragraphs(
            "Shall the City of Alder Falls borrow up to 2,400,000 dollars to rebuild the public \
             library on Mill Street, and repay them over twenty years from property taxes?",
            "¿Debe la Ciudad de Alder Falls tomar prestados hasta 2,400,000 dólares para \
             reconstruir la biblioteca pública de la calle Mill y devolverlos en veinte años con \
             impuestos sobre la propiedad?",
        ),
    );
    let buses = measure(
        "measure-b",
        "school",
        words("Measure B: school buses", "Medida B: autobuses escolares"),
        paragraphs(
            "Shall Alder School District replace its buses by electric ones before 2032?",
            "¿Debe el Distrito escolar de Alder sustituir sus autobuses por eléctricos antes de \
             2032?",
        ),
    );
    vec![judge, library, buses]
}
