//! What the list looks like: at its sizes, empty, with words that nothing has, and its head.

use strum::VariantArray;

use super::*;
use crate::{
    model::{outcome::Outcome, run::Run},
    services::{
        page::Page,
        request::{Answer, Ask},
        run_row::RunRow,
    },
    style::Role,
    tui::{
        app::AppOptions,
        testing::{fake, options},
    },
};

#[test]
fn eighty_columns() {
    let (_folder, lab) = without_logs();
    let harness = Harness::new(first(), lab, 80, 12);
    insta::assert_snapshot!(harness.text(), @r"
     lab-pc:ivoryos_data     61 records   2 failed   1 died   1 stopped   1 running
       id ▾  name                              started               took  iter  err
    ▌▶   61  still_going                       03:04          since 03:04     2    ·
     ✔   60  after_restart                     03:04                0.3 s     1    ·
     ◌   59  killed_halfway                    03:04                 died     2    ·
     ✔   58  edited_table                      03:04                8.1 s     5    ·
     ✔   57  queued_second                     03:04                1.0 s     1    ·
     ✔   56  queued_first                      03:03                1.8 s     2    ·
     ✔   55  beta                              03:03                0.1 s     1    ·
     ✔   54  _alpha                            03:03                0.2 s     1    ·
     ✔   53  ALPHA_beta                        03:03                0.1 s     1    ·
     Enter open  / search  e why failed  x export  D delete  … ? help          1/61
    ");
}

#[test]
fn with_the_preview() {
    let mut harness = real_screen(160, 20);
    harness.press(&[":", "2", "1", "Enter"]);
    insta::assert_snapshot!(harness.text(), @r#"
     ivorylens  lab-pc:ivoryos_data                           61 records   2 failed   1 died   1 stopped after an error   1 running   newest first   as of 03:14:20
       id ▾  name                        by            started               took  iter  err  output                │ error_then_retry                          #21
     ■   29  stopped_table               admin         03:01                1.0 s     1    ·  delivered  ▄          │ ✔ Completed                   03:00:44, 1.1 s
     ✔   28  stop_now_keep_cleanup       admin         03:01                4.9 s     2    ·  slept      ▄▄         │
     ■   27  stop_now                    admin         03:00                2.0 s     2    ·  mass       ▁█         │ sensor 'probe' timed out (try 1), "quoted",
     ■   26  stop_pending                admin         03:00                1.3 s     2    ·  slept      ▄▄         │ naïve, 100 %
     ✖   25  error_ends_the_table        admin         03:00                0.0 s     2    1  delivered  ▄          │ iteration 1, step 2 flaky (try 1 of 3)  event
     ✖   24  error_ends_the_run          admin         03:00                0.0 s     1    ·  mass       ▄          │
     ■   23  error_then_stop             admin         03:00                0.6 s     1    1  mass       ▄          │ admin · repeat · deck
     ✔   22  error_then_resume           admin         03:00                0.6 s     1    1  mass       ▄          │
    ▌✔   21  error_then_retry            admin         03:00                1.1 s     1    2  mass       ▄          │ 1 iteration done
     ✔   20  cleanup_only                admin         03:00                0.0 s     1    ·                        │
     ✔   19  no_results                  admin         03:00                0.1 s     2    ·                        │ mass        ▄                          9.1682
     ✔   18  prep_and_cleanup            admin         03:00                0.1 s     2    ·  mass       █▁         │ mass_after  ▄                         10.0177
     ✔   17  optimizer_early_stop        admin         03:00                0.1 s     2    ·  delivered  ▁▅█▂       │
     ✔   16  optimizer_run               admin         03:00                0.1 s     4    ·  delivered  ▁▅█▂       │
     ✔   15  api_table                   admin         03:00                0.1 s     3    ·  delivered  ▃█▁        │
     ✔   14  bad_row_in_batch            admin         03:00                0.1 s     3    1  delivered   ▁▄▆█      │
     ✔   13  csv_with_bad_rows           admin         03:00                0.1 s     4    2  delivered  ▁  █       │
     Enter open  / search  e why failed  x export  D delete  Space mark  i note  s sort  F follow  y copy  f filter  = keep  : go to  … ? help                41/61
    "#);
}

#[test]
fn forty_columns() {
    let harness = real_screen(40, 10);
    insta::assert_snapshot!(harness.text(), @r"
     lab-pc:ivoryo…   61 records   2 failed
       id ▾  name               started
    ▌▶   61  still_going        03:04
     ✔   60  after_restart      03:04
     ◌   59  killed_halfway     03:04
     ✔   58  edited_table       03:04
     ✔   57  queued_second      03:04
     ✔   56  queued_first       03:03
     ✔   55  beta               03:03
     Enter open  / search  … ? help    1/61
    ");
}

#[test]
fn what_fails_and_what_runs_is_coloured_and_has_a_sign_of_its_own() {
    let (_folder, lab) = without_logs();
    let harness = Harness::new(first(), lab, 80, 60);
    let row = harness.lines().iter().position(|line| line.contains("error_ends_the_run")).unwrap();
    assert!(line(&harness, row).starts_with(" ✖"));
    let bold = ratatui::style::Modifier::BOLD;
    assert!(harness.style(1, u16::try_from(row).unwrap()).add_modifier.contains(bold));
    assert!(!harness.style(1, 3).add_modifier.contains(bold), "a completed one");
}

#[test]
fn no_records_says_what_to_do() {
    let (_folder, lab) = many(0);
    let mut harness = Harness::new(first(), lab, 80, 10);
    insta::assert_snapshot!(harness.text(), @r"
    ivorylens  lab-pc:ivoryos_data       0 records   newest first   as of 03:14:20

     No records yet.
     IvoryOS writes one as a run starts. R reads again; F follows, and shows it
     as it comes.




    F follow  : go to  H calls by hand  R reload  ? help
    ");
    for key in ["j", "G", "Enter", "e", "s", "x", "y", "]", "1", "/"] {
        harness.press(&[key]);
    }
    assert!(harness.text().contains("No records yet."));
}

#[test]
fn words_that_nothing_has_say_what_to_do() {
    let mut harness = real_screen(80, 10);
    harness.press(&["/"]).type_text("pmup").press(&["Enter"]);
    insta::assert_snapshot!(harness.text(), @r#"
    ivorylens  lab-pc:ivoryos_data      0 of 61 records with "pmup"   newest first

     No record has "pmup" in its name or user.
     Esc shows all 61 records again; / changes the words: step:pmup looks in
     methods, error:pmup in failures.




    / search  F follow  : go to  H calls by hand  R reload  Esc back  ? help
    "#);
    harness.press(&["Esc"]);
    assert!(line(&harness, 0).contains("61 records") && selected_id(&harness) == 61);
    // A number is looked for as an id too.
    harness.press(&["/"]).type_text("#4711").press(&["Enter"]);
    assert!(harness.text().contains("No record has \"#4711\" in its name or user, or as its id."));
    harness.press(&["/", "Ctrl-u"]).type_text("status:error user:pmup").press(&["Enter"]);
    assert!(harness.text().contains("No record matches status:error user:pmup."), "{}", harness.text());
    harness.press(&["/", "Ctrl-u"]).type_text("\"p m\"").press(&["Enter"]);
    assert!(harness.text().contains("step:\"p m\" looks in"), "{}", harness.text());
}

#[test]
fn a_record_without_a_name_is_no_blank_row() {
    for name in ["", "  "] {
        let page = Page {
            rows: vec![RunRow {
                run: Run { id: 7, name: name.to_owned(), ..Run::default() },
                outcome: Outcome::Unfinished,
                took: None,
                stopped_in_error: false,
                mark: None,
                unread: false,
                standing: None,
            }],
            total: 1,
            all: 1,
            ..Page::default()
        };
        let answerer = fake(move |ask| matches!(ask, Ask::Page { .. }).then(|| Answer::Page(page.clone())));
        let harness = Harness::new(first(), answerer, 80, 10);
        assert!(line(&harness, 2).contains(" 7  (no name) "), "{}", harness.text());
    }
    for outcome in Outcome::VARIANTS {
        assert_ne!(outcome.glyph(true), "?", "this stands for a letter that ASCII can't show");
    }
}

#[test]
fn what_is_not_there_yet_is_an_ellipsis_in_its_place() {
    let harness = Harness::unanswered(first(), real(), 80, 10);
    assert_eq!(line(&harness, 0).trim_end(), format!("{:<78}…", " ivorylens  lab-pc:ivoryos_data"));
    assert_eq!(line(&harness, 2), "  …");
    // The rows are here, what needs their phases and steps is not.
    let mut harness = Harness::unanswered(first(), real(), 80, 10);
    while !line(&harness, 3).contains("0.3 s") {
        harness.next();
    }
    assert!(line(&harness, 3).ends_with("0.3 s     …    …"), "{}", line(&harness, 3));
    harness.settle();
    assert!(line(&harness, 3).ends_with("0.3 s     1    ·"), "{}", line(&harness, 3));
}

#[test]
fn long_words_leave_room_for_the_counts() {
    for width in [40, 80, 160] {
        let mut harness = real_screen(width, 10);
        harness.press(&["/"]).type_text(&"pmup".repeat(20));
        let head = line(&harness, 0);
        assert!(head.contains("0 ") && head.contains("with \"pmup"), "{head}");
        assert!(width < 80 || head.contains("0 of 61 records"), "{head}");
    }
}

/// Of 61 records some need somebody and one is running: none of those that have the words.
#[test]
fn the_counts_are_those_of_the_list() {
    let mut harness = real_screen(140, 20);
    let head = line(&harness, 0);
    assert!(head.contains("2 failed   1 died   1 stopped after an error   1 running"), "{head}");
    for (words, head) in [
        ("alpha", ""),
        ("error_ends", "2 failed"),
        ("still", "1 running"),
        ("the_run", "1 failed"),
        ("killed", "1 died"),
        ("error_then", "1 stopped after an error"),
        ("asks_the_user", ""),
    ] {
        harness.press(&["/", "Ctrl-u"]).type_text(words).press(&["Enter"]);
        let shown = line(&harness, 0);
        let counts = ["2 failed", "1 failed", "1 running", "died", "stopped after an error"];
        assert!(counts.iter().all(|count| shown.contains(count) == head.contains(count)), "{words}: {shown}");
    }
}

/// The header gives way: first what is said behind the counts, then the opened data.
#[test]
fn the_head_keeps_its_counts() {
    for (width, has) in [
        (160, "as of 03:14:20"),
        (100, "newest first"),
        (80, "1 running"),
        (50, "2 failed"),
        (40, "2 failed"),
    ] {
        let harness = real_screen(width, 10);
        assert!(line(&harness, 0).contains(has), "{width}: {}", line(&harness, 0));
    }
}

/// What needs somebody has the colour of trouble, whether the database calls it failed or not; what a person stopped of
/// his own accord, and what was retried and completed, has not.
#[test]
fn records_that_need_somebody_stand_out() {
    let theme = Theme { ascii: false, color: true };
    let options = AppOptions { theme, ..options() };
    let mut harness = Harness::with(options, first(), real(), Size { width: 100, height: 70 });
    harness.settle();
    let red = theme.style(Role::Failed).fg;
    let is_red = |name: &str| {
        let y = (0..70_u16).find(|y| line(&harness, usize::from(*y)).contains(name)).unwrap();
        let buffer = harness.buffer();
        let cells: Vec<_> = [1, 10].map(|x| buffer[(x, y)].style().fg == red).into();
        assert_eq!(cells[0], cells[1], "{name}: the glyph and the name");
        cells[0]
    };
    for name in ["error_ends_the_run", "killed_halfway", "error_then_stop"] {
        assert!(is_red(name), "{name}");
    }
    for name in ["asks_the_user", "stop_now ", "error_then_retry", "still_going", "First_run"] {
        assert!(!is_red(name), "{name}");
    }
}

/// A record that holds for a person says so, though it shows no sign of life for hours.
#[test]
fn a_record_that_waits_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &path).unwrap();
    let events = r#"[{"kind": "intervention", "time": "2026-11-24 03:05:00", "detail": "change the vial"}]"#;
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute(
        "UPDATE workflow_runs SET events = ?, start_time = '2026-11-20 03:00:00' WHERE id = 61",
        [events],
    )
    .unwrap();
    let mut harness = Harness::new(first(), rested(lab(&path)), 120, 12);
    let (head, row) = (line(&harness, 0), line(&harness, 2));
    assert!(head.contains("2 failed   1 waits   1 died") && !head.contains("running"), "{head}");
    assert!(row.contains("still_going") && row.contains(" waits "), "{row}");
    harness.press(&["/"]).type_text("first").press(&["Enter"]);
    assert!(!line(&harness, 0).contains("waits"), "{}", line(&harness, 0));
}
