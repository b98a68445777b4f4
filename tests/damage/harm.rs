//! What can happen to a database's bytes on a disk that fails, or in a hand that slips.

use std::fmt;

use super::random::Random;

/// One damage; pages are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// A page with the bytes of another one.
    Page {
        page: usize,
        from: usize,
    },
    /// Two pages in each other's place.
    Swapped {
        page: usize,
        with: usize,
    },
    /// A page of noise, from this seed.
    Noise {
        page: usize,
        seed: u64,
    },
    /// A page of zeros.
    Zeros {
        page: usize,
    },
    Byte {
        at: usize,
        value: u8,
    },
    /// The file ends here.
    Cut {
        at: usize,
    },
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page { page, from } => write!(f, "page {page} overwritten by page {from}"),
            Self::Swapped { page, with } => write!(f, "pages {page} and {with} swapped"),
            Self::Noise { page, seed } => write!(f, "page {page} of noise (seed {seed})"),
            Self::Zeros { page } => write!(f, "page {page} of zeros"),
            Self::Byte { at, value } => write!(f, "byte {at} set to {value:#04x}"),
            Self::Cut { at } => write!(f, "cut at byte {at}"),
        }
    }
}

impl Harm {
    /// A damage at random of a file of this size, mostly whole pages, as disks and copies do it.
    pub fn any(random: &mut Random, bytes: usize, page_size: usize) -> Self {
        let pages = bytes / page_size;
        // The first page, which says what the file is, is hit as often as any other: SQLite refuses most of what follows.
        let page = random.below(pages);
        match random.below(12) {
            0..=5 => Self::Page { page, from: random.below(pages) },
            6 | 7 => Self::Swapped { page, with: random.below(pages) },
            8 => Self::Noise { page, seed: random.next() },
            9 => Self::Zeros { page },
            10 => {
                Self::Byte { at: random.below(bytes), value: *random.one_of(&[0, 0xff, 0x80, 1, 0x7f, 0x0d]) }
            }
            _ => Self::Cut { at: random.below(bytes) },
        }
    }

    pub fn put(self, bytes: &mut Vec<u8>, page_size: usize) {
        let place = |page: usize| page * page_size..(page + 1) * page_size;
        // An earlier cut may have taken the page.
        let reaches = |page: usize| place(page).end <= bytes.len();
        match self {
            Self::Page { page, from } if reaches(page) && reaches(from) => {
                bytes.copy_within(place(from), place(page).start);
            }
            Self::Swapped { page, with } if reaches(page) && reaches(with) => {
                let one = bytes[place(page)].to_vec();
                bytes.copy_within(place(with), place(page).start);
                bytes[place(with)].copy_from_slice(&one);
            }
            Self::Noise { page, seed } if reaches(page) => {
                let mut noise = Random::new(seed);
                bytes[place(page)].fill_with(|| noise.next().to_le_bytes()[0]);
            }
            Self::Zeros { page } if reaches(page) => bytes[place(page)].fill(0),
            Self::Byte { at, value } if at < bytes.len() => bytes[at] = value,
            Self::Cut { at } => bytes.truncate(at),
            _ => {}
        }
    }
}

/// As the file's head says (sqlite.org/fileformat2.html); 1 stands for 65,536.
pub fn page_size(bytes: &[u8]) -> usize {
    match u16::from_be_bytes([bytes[16], bytes[17]]) {
        1 => 65_536,
        size => usize::from(size),
    }
}
