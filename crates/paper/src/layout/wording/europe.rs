//! The words in English, Spanish and French.

use std::borrow::Cow::Borrowed;

use super::Wording;

/// English.
pub(super) const ENGLISH: Wording = Wording {
    any: Borrowed("Vote for as many as you like"),
    continued: Borrowed("Continued in the next column or on the next page"),
    again: Borrowed("continued"),
    date: Borrowed("{month} {day}, {year}"),
    end: Borrowed("End of ballot"),
    fill: Borrowed("Fill in the oval completely, like this, to the left of your choice."),
    mistake: Borrowed("If you make a mistake, ask for a new ballot."),
    months: built!([
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December"
    ]),
    next_sheet: Borrowed("Continue on sheet {sheet}"),
    numbers: built!([
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"
    ]),
    one: Borrowed("Vote for one"),
    page: Borrowed("Page {page} of {pages}"),
    proof: Borrowed("PROOF"),
    rank: Borrowed(
        "Rank up to {count}. In each column, fill in at most one oval: 1st for your first \
         choice, 2nd for your second, and so on.",
    ),
    ranks: built!(["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th"]),
    sample: Borrowed("SAMPLE"),
    style: Borrowed("Ballot style {style}"),
    test: Borrowed("TEST"),
    turn: Borrowed("Turn the ballot over"),
    up_to: Borrowed("Vote for up to {count}"),
    write_in: Borrowed("Or write in a name:"),
    write_in_how: Borrowed(
        "To vote for someone who is not listed, fill in the oval beside an empty line and \
         write the name on it.",
    ),
};

/// Spanish.
pub(super) const SPANISH: Wording = Wording {
    any: Borrowed("Vote por todos los que desee"),
    continued: Borrowed("Continúa en la siguiente columna o página"),
    again: Borrowed("continuación"),
    date: Borrowed("{day} de {month} de {year}"),
    end: Borrowed("Fin de la boleta"),
    fill: Borrowed("Rellene por completo el óvalo, como este, a la izquierda de su opción."),
    mistake: Borrowed("Si se equivoca, pida una boleta nueva."),
    months: built!([
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre"
    ]),
    next_sheet: Borrowed("Continúe en la hoja {sheet}"),
    numbers: built!([
        "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"
    ]),
    one: Borrowed("Vote por uno"),
    page: Borrowed("Página {page} de {pages}"),
    proof: Borrowed("PRUEBA DE IMPRENTA"),
    rank: Borrowed(
        "Ordene hasta {count}. En cada columna, rellene un óvalo como máximo: 1.º para su \
         primera opción, 2.º para la segunda, y así sucesivamente.",
    ),
    ranks: built!(["1.º", "2.º", "3.º", "4.º", "5.º", "6.º", "7.º", "8.º", "9.º", "10.º"]),
    sample: Borrowed("MUESTRA"),
    style: Borrowed("Tipo de boleta {style}"),
    test: Borrowed("PRUEBA"),
    turn: Borrowed("Dé vuelta a la boleta"),
    up_to: Borrowed("Vote por un máximo de {count}"),
    write_in: Borrowed("O escriba un nombre:"),
    write_in_how: Borrowed(
        "Para votar por alguien que no está en la lista, rellene el óvalo junto a una línea \
         vacía y escriba en ella el nombre.",
    ),
};

/// French.
pub(super) const FRENCH: Wording = Wording {
    any: Borrowed("Votez pour autant de choix que vous voulez"),
    continued: Borrowed("Suite dans la colonne ou à la page suivante"),
    again: Borrowed("suite"),
    date: Borrowed("{day} {month} {year}"),
    end: Borrowed("Fin du bulletin"),
    fill: Borrowed("Noircissez entièrement l’ovale, comme celui-ci, à gauche de votre choix."),
    mistake: Borrowed("Si vous vous trompez, demandez un nouveau bulletin."),
    months: built!([
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre"
    ]),
    next_sheet: Borrowed("Continuez sur la feuille {sheet}"),
    numbers: built!([
        "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"
    ]),
    one: Borrowed("Votez pour un seul choix"),
    page: Borrowed("Page {page} sur {pages}"),
    proof: Borrowed("ÉPREUVE"),
    rank: Borrowed(
        "Classez jusqu’à {count} choix. Dans chaque colonne, noircissez un ovale au plus : \
         1er pour votre premier choix, 2e pour le deuxième, et ainsi de suite.",
    ),
    ranks: built!(["1er", "2e", "3e", "4e", "5e", "6e", "7e", "8e", "9e", "10e"]),
    sample: Borrowed("SPÉCIMEN"),
    style: Borrowed("Modèle de bulletin {style}"),
    test: Borrowed("ESSAI"),
    turn: Borrowed("Tournez le bulletin"),
    up_to: Borrowed("Votez pour {count} choix au plus"),
    write_in: Borrowed("Ou inscrivez un nom :"),
    write_in_how: Borrowed(
        "Pour voter pour une personne qui n’est pas sur la liste, noircissez l’ovale à côté \
         d’une ligne vide et inscrivez-y le nom.",
    ),
};
