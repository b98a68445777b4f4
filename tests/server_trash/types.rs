//! Cells of every type come back as they were.

use ivorylens::{
    checkpoint::Cx,
    services::trash::{list, open_entry},
    store::Limits,
};

use super::lab::{ServerLab, made};
use crate::common::server::Server;

const TYPES: &str = "
    create type mood as enum ('good', 'it''s bad');
    create type \"Pair of\" as (a int, \"B\" text);
    create domain percent as numeric(5, 2) check (value between 0 and 100);
    create table types(
        id bigint generated always as identity primary key,
        run integer not null references workflow_runs on delete cascade,
        a smallint, b bigint, c numeric(10, 3), d numeric, e real, f double precision, g money,
        h char(5), i varchar(7), j text, k \"char\", l name, m bytea,
        n date, o time(3), p timetz, q timestamp(0), r timestamptz, s interval, t boolean,
        u json, v jsonb, w uuid, x inet, y cidr, z macaddr,
        aa int[], ab text[][], ac mood, ad mood[], ae \"Pair of\", af percent, ag bit(3), ah varbit, ai int4range,
        aj tsvector, ak point, al xml, am oid, an regclass, ao numeric[], ap timestamp, aq timestamptz[], ar bytea[],
        \"a \"\"quoted\"\" column\" text,
        \"TWICE\" text, twice integer generated always as (run * 2) stored);
    insert into types overriding system value values (
        7, 2, -32768, 9223372036854775807, 1234567.890, 'NaN', 0.1, '-Infinity', 12.34,
        'ab', 'abc', E'tab\\t \\\\ \"quote\" , {} NULL \u{e9}\u{1f9ea}', 'x', 'a name', '\\x00ff0a5c27',
        '4713-01-01 BC', '23:59:59.999', '12:00:00+05:30', '2026-11-20 10:00:01', '2026-03-29 01:30:00.123456+00',
        '1 year 2 mons -3 days 04:05:06.789', false,
        '{\"a\" :  1e+16, \"a\": \"\\ud83d\"}', '{\"b\": [1.0, null]}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        '10.1.2.3', '10.1.0.0/16', '08:00:2b:01:02:03',
        '{1,NULL,3}', '{{\"a,b\",\"NULL\"},{\"\",\"{}\"}}', 'it''s bad', '{good,\"it''s bad\"}', '(1,\"x, \"\"y\"\"\")', 12.5, '101', '10110',
        '[1,5)', 'a:1 b:2', '(1.5,-2)', '<a>1</a>', 4294967295, 'pg_class', '{1.50,NaN}', 'infinity',
        '{\"2026-11-20 10:00:00+02\"}', '{\"\\\\x00\"}', 'quoted');
    insert into types(run) values (2), (1);
    insert into types(run, f, e, q, ap, h, j, m) values
        (2, 5e-324, 1e38, '0001-01-01', '0044-03-15 12:00:00 BC', '', '', '');
    alter table workflow_runs add extra char(4), add made text generated always as (upper(name)) stored;
    update workflow_runs set extra = 'a' where id = 2;";

#[test]
fn cells_of_every_type_come_back_as_they_were() {
    let Some(server) = Server::start() else { return };
    for zone in ["UTC", "Europe/Berlin"] {
        let lab = ServerLab::of(&server, &made(TYPES), Limits::default());
        // Whatever is set for those who connect.
        lab.sql(&format!(
            "alter role lab set timezone = '{zone}'; alter role lab set intervalstyle = 'sql_standard'; \
             alter role lab set datestyle = 'SQL, DMY'"
        ));
        let before = lab.tables();
        assert_eq!(lab.delete(&[2]).unwrap().others, [("types".to_owned(), 3)]);
        // The record can be looked at in the trash.
        let n = list(&lab.lab).unwrap().entries[0].n;
        let (alone, run) = open_entry(&lab.lab, n, &Cx::quiet()).unwrap();
        assert_eq!(alone.runs(&[run], &Cx::quiet()).unwrap()[0].name, "run 2");
        lab.restore_last().unwrap();
        assert_eq!(lab.tables(), before, "{zone}");
        // Texts as the server writes them may hide a difference that the server's comparison sees.
        lab.sql("create table was as table types");
        lab.delete(&[2]).unwrap();
        lab.restore_last().unwrap();
        let sizes = "select count(*) from types t join was w using (id) \
             where pg_column_size(t.c) = pg_column_size(w.c) and t.h is not distinct from w.h and t.e is not distinct from w.e \
             and t.f is not distinct from w.f and t.r is not distinct from w.r and t.v is not distinct from w.v \
             and t.m is not distinct from w.m and t.s is not distinct from w.s or t.c is null";
        assert_eq!(lab.count(sizes), 4);
    }
}
