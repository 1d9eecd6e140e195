//! Names of nobody, and the numbers that choose them.

/// A generator that is the same everywhere: `SplitMix64` (Steele, Lea and Flood, 2014). Good for
/// examples, and for no draw that matters.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`; 0 for none.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let drawn = self.next().checked_rem(count).unwrap_or_default();
        usize::try_from(drawn).unwrap_or_default()
    }

    pub(super) fn among<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let at = self.below(list.len());
        list.get(at).copied().unwrap_or_default()
    }

    /// A person whom no other call has named in `taken`.
    pub(super) fn person(&mut self, taken: &mut Vec<String>) -> String {
        loop {
            let (first, middle) = (self.among(FIRST), self.among(MIDDLE));
            let last = self.among(LAST);
            let person = format!("{first} {middle} {last}");
            if !taken.contains(&person) {
                taken.push(person.clone());
                return person;
            }
        }
    }
}

const FIRST: &[&str] = &[
    "Adela",
    "Alvin",
    "Bettina",
    "Brook",
    "Cassia",
    "Clement",
    "Dagny",
    "Dorian",
    "Elowen",
    "Emeric",
    "Fenella",
    "Florian",
    "Greta",
    "Gideon",
    "Hanneke",
    "Hollis",
    "Isaura",
    "Ivo",
    "Jessamy",
    "Jorah",
    "Katya",
    "Keir",
    "Leocadia",
    "Lorcan",
    "Maren",
    "Merrick",
    "Nerys",
    "Noor",
    "Odile",
    "Orson",
    "Perpetua",
    "Quentin",
    "Rosalind",
    "Ruairi",
    "Soledad",
    "Stellan",
    "Tamsin",
    "Thaddeus",
    "Umberto",
    "Vesper",
    "Wilhelmina",
    "Xiomara",
    "Yannick",
    "Zelda",
];

const MIDDLE: &[&str] = &[
    "A.", "B.", "C.", "D.", "E.", "F.", "G.", "H.", "J.", "K.", "L.", "M.", "N.", "P.", "R.", "S.",
    "T.", "V.", "W.", "Z.",
];

const LAST: &[&str] = &[
    "Abernale",
    "Ashgrove",
    "Bellweather",
    "Brindlecombe",
    "Carrowmore",
    "Castellane",
    "Dunmarsh",
    "Eastlock",
    "Fairbarrow",
    "Fenwright",
    "Glasshall",
    "Greymantle",
    "Hallowell-Reyes",
    "Harkstone",
    "Iverdale",
    "Juniperro",
    "Kestrelmann",
    "Larkfield",
    "Lindenquist",
    "Marrowby",
    "Montserrano",
    "Nightingall",
    "Oakhurst-Lee",
    "Ormsgate",
    "Pellworth",
    "Pemberwick",
    "Quillfeather",
    "Ravensmoor",
    "Redfernandez",
    "Saltmarsh",
    "Silverthorne",
    "Stonebridger",
    "Thistlewood",
    "Umberfield",
    "Valdecasa",
    "Whitlockson",
    "Winterbourne-Ito",
    "Yarrowdale",
];
