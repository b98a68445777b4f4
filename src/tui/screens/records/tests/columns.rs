//! Columns that are chosen: what stands on screen, in which width, and what it sorts by.

use strum::VariantArray;

use super::{
    super::columns::{sort_letter, sort_word},
    *,
};
use crate::tui::{app::AppOptions, testing::options};

/// The titles of the list.
fn titles(harness: &Harness) -> Vec<String> {
    line(harness, 1).split_whitespace().map(str::to_owned).collect()
}

fn has(harness: &Harness, title: &str) -> bool {
    titles(harness).iter().any(|there| there == title)
}

fn choose(harness: &mut Harness, columns: &str) {
    harness.press(&[":"]).type_text(&format!("columns {columns}")).press(&["Enter"]);
}

#[test]
fn a_chosen_column_stays_and_others_give_way() {
    let mut harness = real_screen(80, 24);
    assert!(!has(&harness, "deck"));
    harness.press(&["C", "d", "Esc"]);
    assert_eq!(titles(&harness), ["id", "▾", "name", "started", "took", "iter", "err", "deck"]);
    assert!(line(&harness, 3).ends_with(" deck"), "{}", line(&harness, 3));
    // Another one has no room any more beside those that come by themselves: these give way.
    harness.press(&["C", "e", "m", "a", "Esc"]);
    let shown = titles(&harness);
    assert!(["deck", "mode", "status", "ended"].iter().all(|title| has(&harness, title)), "{shown:?}");
    assert!(!has(&harness, "iter") && !has(&harness, "err"), "{shown:?}");
    harness.resize(40, 10);
    assert!(titles(&harness).starts_with(&["id", "▾", "name", "ended"].map(str::to_owned)));
    assert!(!has(&harness, "started"));
    harness.resize(160, 50);
    harness.press(&["C", "z", "Esc"]);
    let first = real_screen(160, 50);
    assert_eq!(line(&harness, 1), line(&first, 1), "as at first");
}

#[test]
fn the_menu_stays_open_and_says_what_is_shown() {
    let mut harness = real_screen(80, 24);
    harness.press(&["C"]);
    insta::assert_snapshot!(harness.text(), @r"
     lab-pc:ivor┌ Columns ─────────────────────────────────────────────┐  1 running
       id ▾  nam│ ▌ o  [x] outcome                 always shown        │k  iter  err
    ▌▶   61  sti│   i  [x] id                      always shown        │4     2    ·
     ✔   60  aft│   k  [ ] marks                   with the first mark │s     1    ·
     ◌   59  kil│   n  [x] name                    always shown        │d     2    ·
     ✔   58  edi│   b  [ ] by                      wider windows       │s     5    ·
     ✔   57  que│   s  [x] started                                     │s     1    ·
     ✔   56  que│   e  [ ] ended                                       │s     2    ·
     ✔   55  bet│   t  [x] took                                        │s     1    ·
     ✔   54  _al│   r  [x] iter                                        │s     1    ·
     ✔   53  ALP│   x  [x] err                                         │s     1    ·
     ✔   52  Alp│   p  [ ] steps                                       │s     1    ·
     ✔   51  alp│   f  [ ] failed                                      │s     1    ·
     ✔   50  tab│   d  [ ] deck                                        │s     1    ·
     ✔   49  ___│   m  [ ] mode                                        │s     1    ·
     ✔   48  xxx│   a  [ ] status                                      │s     1    ·
     ✔   47  emo│   v  [ ] verdict                                     │s     1    ·
     ✔   46  it_│   h  [ ] tags                                        │s     1    ·
     ✔   45  _10│   y  [ ] note                                        │s     1    ·
     ✔   44  Été│   u  [ ] output                  wider windows       │s     1    ·
     ✔   43  測 │   w  [ ] spark                   wider windows       │s     1    ·
     ✔   42  cla│   c  [ ] only those that differ                      │s     1    ·
     ✔   41  _20└──────────────────────────────────────── 1 more below ┘s     1    ·
     Enter choose  Esc back
    ");
    // To `by`, for which there is no room at first.
    harness.press(&["j", "j", "j", "j", "Space"]);
    assert!(harness.text().contains("▌ b  [x] by  "), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(harness.text().contains("▌ b  [ ] by  "), "{}", harness.text());
    harness.press(&["t"]);
    assert!(
        harness.text().contains("▌ t  [ ] took") && !harness.text().contains("0.1 s"),
        "{}",
        harness.text()
    );
    for key in ["n", "i", "o"] {
        harness.press(&[key]);
        assert!(last_line(&harness).contains("always shown"), "{}", last_line(&harness));
    }
    harness.press(&["Esc"]);
    assert_eq!(titles(&harness), ["id", "▾", "name", "started", "iter", "err"]);
    assert!(!harness.text().contains("[x]"));
}

/// All records of this lab are of one deck and most of one mode.
#[test]
fn only_columns_that_differ() {
    let mut harness = real_screen(120, 30);
    choose(&mut harness, "id,name,deck,mode,started,iter,differ");
    assert!(
        !has(&harness, "deck") && has(&harness, "mode") && has(&harness, "iter"),
        "{:?}",
        titles(&harness)
    );
    harness.press(&["C"]);
    assert!(harness.text().contains("[ ] deck"), "{}", harness.text());
    assert!(harness.text().contains("all alike") && harness.text().contains("[x] only those that differ"));
    harness.press(&["c", "Esc"]);
    assert!(has(&harness, "deck"), "{:?}", titles(&harness));
    // The column under the cursor stays while it is there.
    harness.press(&["l", "l", "l", "l", "C", "c", "Esc"]);
    assert!(has(&harness, "deck"), "{:?}", titles(&harness));
    // Of one record nothing can differ.
    choose(&mut harness, "id,deck,differ");
    harness.press(&["/"]).type_text("killed_half").press(&["Enter"]);
    assert!(has(&harness, "deck"), "{}", harness.text());
}

/// What is not known yet does not count as alike.
#[test]
fn columns_wait_for_what_they_show() {
    let chosen = ListColumns::read("default,steps,differ").unwrap();
    let records =
        Records::new(ListQuery::default(), |_| Box::new(Opened(String::new()))).with_columns(chosen);
    let mut harness = Harness::unanswered(Box::new(records), real(), 80, 10);
    while !line(&harness, 3).contains("0.3 s") {
        harness.next();
    }
    assert!(has(&harness, "steps") && line(&harness, 3).contains(" …"), "{}", harness.text());
    harness.settle();
    assert!(!line(&harness, 3).contains('…'), "{}", harness.text());
}

#[test]
fn cells_are_those_of_the_file() {
    let mut harness = real_screen(100, 70);
    choose(&mut harness, "id,name,steps,failed,err,deck,mode,status,ended");
    let row = |harness: &Harness, name: &str| {
        let row = harness.lines().into_iter().find(|line| line.contains(&format!(" {name} "))).unwrap();
        row.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row(&harness, "csv_with_bad_rows"), "13 csv_with_bad_rows 03:00 2 6 · deck batch completed");
    assert_eq!(row(&harness, "edited_table"), "58 edited_table 03:04 · 15 · deck batch completed");
    assert_eq!(row(&harness, "killed_halfway"), "59 killed_halfway · 6 · deck repeat");
}

/// `s` on the column, the menu of `S` and `:sort` give the same order, for each column that has one.
#[test]
fn every_column_sorts() {
    for column in ListColumn::VARIANTS.iter().copied() {
        let Some(key) = column.sort_key() else { continue };
        let mut harness = real_screen(160, 70);
        choose(&mut harness, &format!("id,name,{}", column.word()));
        let ids = |harness: &Harness| -> Vec<String> {
            (2..63).map(|y| line(harness, y).split_whitespace().nth(1).unwrap().to_owned()).collect()
        };
        // From the id to the column.
        match column {
            ListColumn::Outcome => harness.press(&["h"]),
            ListColumn::Id => &mut harness,
            ListColumn::Name => harness.press(&["l"]),
            _ => harness.press(&["l", "l"]),
        };
        harness.press(&["s"]);
        let (by_key, head) = (ids(&harness), line(&harness, 0));
        let word = if column == ListColumn::Id { "oldest first" } else { "by " };
        assert!(head.contains(word) && head.contains(sort_word(key)) || column == ListColumn::Id, "{head}");
        let order = if head.contains('▴') || column == ListColumn::Id { "asc" } else { "desc" };
        let mut typed = real_screen(160, 70);
        typed.press(&[":"]).type_text(&format!("sort {} {order}", key.column())).press(&["Enter"]);
        assert_eq!(ids(&typed), by_key, "{column:?}");
        let mut chosen = real_screen(160, 70);
        chosen.press(&["S", &sort_letter(key).to_string()]);
        if column != ListColumn::Id || line(&chosen, 0).contains("oldest") {
            assert_eq!(ids(&chosen), by_key, "{column:?}");
        }
    }
}

/// The outcome has no title: an arrow says that it sorts, a dot that the cursor is there.
#[test]
fn the_outcome_has_a_cursor_too() {
    let mut harness = real_screen(80, 12);
    harness.press(&["h"]);
    assert!(line(&harness, 1).starts_with(" · id"), "{}", line(&harness, 1));
    harness.press(&["s"]);
    assert!(
        line(&harness, 1).starts_with(" ▴   id") && !line(&harness, 1).contains("id ▾"),
        "{}",
        line(&harness, 1)
    );
    assert!(line(&harness, 0).contains("61 records"));
    harness.press(&["s", "g"]);
    let marks: String = (2..11).filter_map(|y| line(&harness, y).chars().nth(1)).collect();
    assert_eq!(marks, "▶◌✖✖■■■■■", "{}", harness.text());
}

/// Every set of columns is drawn in every size, also in ASCII and while keys come at once.
#[test]
fn all_columns_in_all_sizes() {
    let all: Vec<_> = ListColumn::VARIANTS.iter().map(|column| column.word()).collect();
    for ascii in [false, true] {
        for (width, height) in [(1, 1), (12, 4), (40, 10), (80, 24), (160, 50), (300, 20)] {
            let looks = AppOptions { theme: Theme { ascii, color: false }, ..options() };
            let mut harness = Harness::with(looks, first(), real(), Size { width, height });
            choose(&mut harness, &all.join(","));
            harness.press_at_once(&[
                "C", "d", "p", "j", "Space", "G", "Enter", "c", "u", "Esc", "l", "l", "s", "j",
            ]);
            assert!(!ascii || harness.text().is_ascii(), "{}", harness.text());
            assert!(width < 40 || harness.text().contains("61"), "{}", harness.text());
        }
    }
}

/// What is chosen outlives what the list does else, and can be given from outside.
#[test]
fn the_choice_is_a_plain_value() {
    let mut harness = real_screen(80, 12);
    choose(&mut harness, "id,name,shoe");
    assert!(harness.text().contains("no column \"shoe\""), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(has(&harness, "started"), "nothing has changed");
    choose(&mut harness, "id,name,iter");
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "R", "Esc"]);
    assert_eq!(titles(&harness), ["id", "▾", "name", "iter"]);
    let open: OpenRecord = |_| Box::new(Opened(String::new()));
    let chosen = ListColumns::read("id,name,mode").unwrap();
    let records = Records::new(ListQuery::default(), open).with_columns(chosen);
    assert_eq!(records.columns().text(), "id,name,mode");
    let given = Harness::new(Box::new(records), real(), 80, 12);
    assert_eq!(titles(&given), ["id", "▾", "name", "mode"]);
}
