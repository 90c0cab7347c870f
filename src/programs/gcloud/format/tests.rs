//! What the formats print, as the real printer prints the same resources.

use serde_json::json;

use super::*;

const OWN: &str = "table(name,zone.basename(),ok,firstof(none,n):label=NUM,pools[0].c.t)";

fn check(format: &str, screen_reader: bool, expect: &str) {
    let items = [
        json!({ "name": "a", "zone": "https://x/zones/us-central1-b", "ports": ["1", "2"], "ok": true, "n": 3,
                "cfg": { "m": "x", "s": 10 }, "pools": [{ "name": "p1", "c": { "t": "e2" } }] }),
        json!({ "name": "bb", "zone": "https://x/zones/us-east1-b", "ports": [], "ok": false, "n": 12,
                "cfg": {}, "pools": [] }),
    ];
    let manner = Manner { single: false, screen_reader };
    let parsed = projection::parse(&format!("{OWN} {format}"));
    assert_eq!(parsed.and_then(|f| render(&f, &items, manner)).unwrap_or_else(|e| e), expect, "{format}");
}

#[test]
fn values_and_csv_are_lines() {
    check("value(name,zone)", true, "a\tus-central1-b\nbb\tus-east1-b\n");
    check("get(zone,name)", true, "https://x/zones/us-central1-b\ta\nhttps://x/zones/us-east1-b\tbb\n");
    check("value(name,ports,cfg,ok,none)", true, "a\t1;2\tm=x;s=10\tTrue\t\nbb\t\t\tFalse\t\n");
    check("csv(name,ports,ok)", true, "name,ports,ok\na,1;2,True\nbb,,False\n");
    check("csv[no-heading](name,n)", true, "a,3\nbb,12\n");
    check("value(NUM)", true, "3\n12\n");
    check("value(format(\"{0}-{1}\",name,n))", true, "a-3\nbb-12\n");
}

#[test]
fn tables_become_blocks_for_a_screen_reader() {
    check("table(name,n)", true, "NAME: a\nN: 3\n\nNAME: bb\nN: 12\n");
    check("table[no-heading](name,n)", true, "a\n3\n\nbb\n12\n");
    check("table(name,pools[].name)", true, "NAME: a\nPOOLS_NAME: ['p1']\n\nNAME: bb\nPOOLS_NAME: []\n");
    check("table(name,n)", false, "NAME  N\na     3\nbb    12\n");
    check("table(name:align=right,n:align=right)", false, "NAME   N\n   a   3\n  bb  12\n");
    check("table[title=T](name:sort=1:reverse)", false, " T\nNAME\nbb\na\n");
    check("table[box](name)", false, "┌──────┐\n│ NAME │\n├──────┤\n│ a    │\n│ bb   │\n└──────┘\n");
}

#[test]
fn documents_hold_what_is_projected() {
    check(
        "json(name,zone.basename())",
        true,
        "[\n  {\n    \"name\": \"a\",\n    \"zone\": \"us-central1-b\"\n  },\n  {\n    \"name\": \"bb\",\n    \"zone\": \"us-east1-b\"\n  }\n]\n",
    );
    check("yaml(name,nosuch)", true, "---\nname: a\n---\nname: bb\n");
    check(
        "yaml(name,zone)",
        true,
        "---\nname: a\nzone: https://x/zones/us-central1-b\n---\nname: bb\nzone: https://x/zones/us-east1-b\n",
    );
    check(
        "flattened(name,ports)",
        true,
        "---\nname:     a\nports[0]: 1\nports[1]: 2\n---\nname:  bb\nports: []\n",
    );
    check("list(name,n)", true, " - a\n   3\n - bb\n   12\n");
    check("config(name,cfg)", true, "name = a\n[cfg]\nm = x\ns = 10\nname = bb\n");
}

#[test]
fn what_cannot_be_read_is_said() {
    check(
        "value",
        true,
        "Format [value] requires a non-empty projection. Use key parameters to specify a projection like so `value(foo, bar.baz)`",
    );
    check(
        "nosuch",
        true,
        &format!(
            "Format must be one of {FORMATS}; received [nosuch].\n\nFor information on output formats:\n  $ gcloud topic formats\n"
        ),
    );
}
