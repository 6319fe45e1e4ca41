"use strict";
// The program of an offline pack (yakuba/channels/disaster/pack.py puts it into the file). It calls nobody: the page's content security
// policy lets nothing out. What is entered is encrypted before it is kept, each entry under a number of its own.
(() => {
  const stated = document.getElementById("head").textContent;
  const head = JSON.parse(stated);
  const { words, services } = JSON.parse(document.getElementById("open").textContent);
  const sealed = document.getElementById("sealed").textContent;
  const main = document.getElementById("main");
  const KEPT = `yakuba-offline:${head.pack}:`;
  const LATEST = `${KEPT}latest`;
  const LANGUAGES = [["ja", "日本語"], ["easy", "やさしい日本語"], ["en", "English"]];
  const ERAS = { western: 0, reiwa: 2018, heisei: 1988, showa: 1925, taisho: 1911, meiji: 1867 };
  const OURS = /^shelter\.(name|taken_by)$|\.era$/; // what the form fills in by itself
  const BACKWARDS = 10 * 60 * 1000; // ms that a clock may be set back without a word: it is set by the network now and then
  let language = "ja", part = "lock", inside = null, key = null, who = "", shown = null, kept = [], typed = {}, said = null, gone = new Set(), out = false;
  let stores = true;

  // -- words -------------------------------------------------------------------------------------------
  const flat = (text) => (Array.isArray(text) ? text.map(([base]) => base).join("") : String(text));
  const of = (text) => (text && typeof text === "object" && "ja" in text ? text[language] : text);
  const filled = (piece, values) => piece.replace(/\{(\w+)\}/g, (all, name) => (name in values ? flat(of(values[name])) : all));
  const plain = (text, values = {}) => filled(flat(of(text)), values);
  const word = (name, values) => [words[name], values];
  const put = (node, text, values = {}) => {
    const chosen = of(text);
    if (!Array.isArray(chosen)) { node.append(filled(String(chosen), values)); return node; }
    for (const [base, reading] of chosen) {
      if (reading === null) { node.append(filled(base, values)); continue; }
      const ruby = document.createElement("ruby"), rt = document.createElement("rt");
      rt.textContent = reading;
      ruby.append(base, rt);
      node.append(ruby);
    }
    return node;
  };
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children) if (child) { if (Array.isArray(child)) put(node, ...child); else node.append(child); }
    return node;
  };
  const clock = (moment) => new Date(moment).toLocaleString(language === "en" ? "en" : "ja", { timeZone: "Asia/Tokyo", dateStyle: "medium", timeStyle: "short" });
  const notice = (kind, name, values) => make("p", { class: `notice notice--${kind}`, role: kind === "warn" || kind === "wrong" ? "alert" : "status" }, word(name, values));

  // -- time --------------------------------------------------------------------------------------------
  // The latest time that this browser has seen counts, so that a clock set back by a little mistake opens nothing.
  const latest = () => Number(read(LATEST) || 0);
  const now = () => Math.max(Date.now(), latest());
  const over = () => now() >= Date.parse(head.ends);
  const setBack = () => Date.now() < Math.max(latest(), Date.parse(head.made)) - BACKWARDS;
  const tick = () => { if (Date.now() > latest()) write(LATEST, String(Date.now())); };

  // -- keeping -----------------------------------------------------------------------------------------
  function read(name) { try { return localStorage.getItem(name); } catch { stores = false; return null; } }
  function write(name, value) {
    try { localStorage.setItem(name, value); return localStorage.getItem(name) === value; } catch { stores = false; return false; }
  }
  const names = () => { try { return Object.keys(localStorage).filter((name) => name.startsWith(KEPT) && name !== LATEST); } catch { stores = false; return []; } };
  const entries = () => {
    const found = new Map(kept.map((one) => [one.id, one])); // what no browser would keep is at least in this page
    for (const name of names()) { try { const one = JSON.parse(read(name)); found.set(one.id, one); } catch { /* not ours */ } }
    return [...found.values()];
  };

  // -- secrets -----------------------------------------------------------------------------------------
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const base64 = (buffer) => { let text = ""; for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte); return btoa(text); };
  const utf8 = (text) => new TextEncoder().encode(text);
  const about = (id) => utf8(`yakuba-offline/1|${head.pack}|${id}`);
  async function unlock(passphrase) {
    const digits = passphrase.normalize("NFKC").replace(/\D/g, "");
    const base = await crypto.subtle.importKey("raw", utf8(digits), "PBKDF2", false, ["deriveKey"]);
    const made = await crypto.subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes(head.salt), iterations: head.iterations }, base,
      { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(head.iv), additionalData: utf8(stated) }, made, bytes(sealed));
    const found = JSON.parse(new TextDecoder().decode(opened));
    key = await crypto.subtle.importKey("raw", bytes(found.key), "AES-GCM", false, ["encrypt", "decrypt"]);
    inside = over() ? [] : found.rows; // the part to read does not open after its end
    gone = new Set((await entered()).filter((one) => one.kind === "left").map((one) => one.case));
  }
  const newId = () => { // RFC 9562, version 4
    if (crypto.randomUUID) return crypto.randomUUID();
    const some = crypto.getRandomValues(new Uint8Array(16));
    some[6] = (some[6] & 15) | 64; some[8] = (some[8] & 63) | 128;
    const hex = [...some].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  async function keep(entry) {
    const id = newId(), iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: about(id) }, key, utf8(JSON.stringify({ ...entry, by: who, language, at: new Date(now()).toISOString() })));
    const one = { id, iv: base64(iv), data: base64(data) };
    kept.push(one);
    return write(KEPT + id, JSON.stringify(one));
  }
  async function entered() {
    const found = [];
    for (const one of entries()) {
      try {
        const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(one.iv), additionalData: about(one.id) }, key, bytes(one.data));
        found.push({ id: one.id, ...JSON.parse(new TextDecoder().decode(opened)) });
      } catch { found.push({ id: one.id, kind: "?", at: "" }); }
    }
    return found.sort((a, b) => (a.at < b.at ? 1 : -1));
  }
  function exported() {
    const file = JSON.stringify({ format: "yakuba-offline-entries/1", town: head.town, pack: head.pack, entries: entries() });
    const address = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    const link = make("a", { href: address, download: `yakuba-${head.pack.slice(0, 8)}-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}.json` });
    document.body.append(link); link.click(); link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    out = true;
    said = ["ok", "offline.exported", { count: entries().length }];
    draw();
  }

  // -- the page ----------------------------------------------------------------------------------------
  function draw(focus = true) {
    tick();
    document.documentElement.lang = language === "en" ? "en" : "ja";
    document.documentElement.dataset.lang = language;
    document.querySelector(".skip").textContent = plain(words["offline.nav_new"]);
    const langs = document.getElementById("langs");
    langs.setAttribute("aria-label", plain(words["offline.language"]));
    langs.replaceChildren(make("ul", { class: "langs" }, ...LANGUAGES.map(([code, label]) => make("li", {}, make("button", {
      type: "button", class: "button button--plain", lang: code === "en" ? "en" : "ja", "aria-pressed": String(code === language),
      onclick: () => { collect(); language = code; draw(false); } }, label)))));
    const parts = document.getElementById("parts");
    parts.hidden = part === "lock";
    parts.setAttribute("aria-label", plain(words["offline.title"]));
    const choices = [["register", "offline.nav_register"], ["new", "offline.nav_new"], ["entries", "offline.nav_entries"]];
    parts.replaceChildren(make("ul", { class: "parts" }, ...choices.map(([name, label]) => make("li", {}, make("button", {
      type: "button", class: "button button--plain", "aria-current": part === name && "page", onclick: () => { collect(); go(name); } }, word(label))))));
    main.replaceChildren(...[said && notice(...said), setBack() && notice("warn", "offline.clock"), !stores && notice("warn", "offline.no_storage"), over() && part !== "lock" && notice("warn", "offline.over_text")].filter(Boolean));
    said = null;
    ({ lock, register, new: newOne, entries: list })[part]();
    if (focus) { main.focus(); scrollTo(0, 0); }
  }
  const go = (name) => { part = name; shown = null; draw(); };

  function lock() {
    main.append(make("h1", {}, word("offline.title")), make("p", {}, word("offline.lead", { shelter: head.shelter })), make("p", {}, word("offline.until", { until: clock(head.ends), made: clock(head.made) })));
    if (over()) main.append(notice("warn", "offline.over"));
    if (!globalThis.crypto || !crypto.subtle) { main.append(notice("wrong", "offline.no_crypto")); return; }
    const button = make("button", { class: "button" }, word("offline.open"));
    main.append(make("form", { novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const form = event.target;
      who = form.elements.who.value.trim();
      button.disabled = true;
      button.replaceChildren(plain(words["offline.opening"]));
      try { await unlock(form.elements.passphrase.value); } catch { said = ["wrong", "offline.wrong_passphrase"]; draw(); return; }
      try { if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {}); } catch { /* asked for only */ }
      go(over() ? "entries" : "register");
    } },
      make("div", { class: "field" }, make("label", { class: "label", for: "passphrase" }, word("offline.passphrase")), make("p", { class: "hint", id: "passphrase-hint" }, word("offline.passphrase_hint")),
        make("input", { class: "input", id: "passphrase", name: "passphrase", inputmode: "numeric", autocomplete: "off", spellcheck: "false", "aria-describedby": "passphrase-hint", maxlength: 60 })),
      make("div", { class: "field" }, make("label", { class: "label", for: "who" }, word("offline.who")), make("input", { class: "input", id: "who", name: "who", autocomplete: "name", maxlength: 60 })),
      make("div", { class: "buttons" }, button)));
    if (entries().length) main.append(make("h2", {}, word("offline.nav_entries")), make("p", {}, word("offline.entries_lead", { count: entries().length })), exportButton());
  }
  const exportButton = () => make("div", {}, make("div", { class: "buttons" }, make("button", { type: "button", class: "button", onclick: exported }, word("offline.export"))), make("p", { class: "small muted" }, word("offline.export_hint")));

  function register() {
    main.append(make("h1", {}, word("offline.nav_register")));
    if (over()) { main.append(notice("warn", "offline.over")); return; }
    main.append(make("p", { class: "small muted" }, word("offline.read_at", { made: clock(head.made) })));
    const found = make("div", { id: "found" });
    const search = make("input", { class: "input", id: "find", type: "search", autocomplete: "off", oninput: () => rows(search.value) });
    const count = make("p", { role: "status" });
    main.append(make("div", { class: "field" }, make("label", { class: "label", for: "find" }, word("offline.find")), search), count, found);
    const simple = (text) => text.normalize("NFKC").toLowerCase().replace(/\s/g, "").replace(/[ァ-ヶ]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 96));
    function rows(wanted) {
      const some = inside.filter((row) => simple(row.name + row.reference + row.facts.map(([, value]) => plain(value)).join("")).includes(simple(wanted)));
      count.replaceChildren(); put(count, ...word(some.length ? "offline.found" : "offline.nobody", { count: some.length }));
      found.replaceChildren(...some.slice(0, 100).map((row) => make("section", { class: "entry" },
        make("h2", {}, row.name), make("p", { class: "small muted" }, [services.find((one) => one.id === row.service).name], ` · ${row.reference} · ${clock(row.at)}`),
        make("dl", {}, ...row.facts.flatMap(([label, value]) => [make("dt", {}, [label]), make("dd", {}, [value])])),
        row.stay && (gone.has(row.case) ? make("p", {}, word("offline.left_kept")) : make("button", { type: "button", class: "button button--second button--small", onclick: async () => {
          if (!confirm(plain(words["offline.left_sure"], { name: row.name }))) return;
          const stored = await keep({ kind: "left", service: row.service, case: row.case, seq: row.seq, name: row.name });
          gone.add(row.case);
          said = stored ? ["ok", "offline.kept", {}] : ["wrong", "offline.not_kept", {}];
          draw();
        } }, word("offline.left"), make("span", { class: "visually-hidden" }, ` ${row.name}`))))));
    }
    rows("");
  }

  function newOne() {
    main.append(make("h1", {}, word("offline.new_title")));
    if (over()) { main.append(notice("warn", "offline.over")); return; }
    const can = services.filter((one) => one.takes);
    if (!shown && can.length === 1) shown = can[0];
    if (!shown) {
      main.append(make("ul", { class: "cards" }, ...can.map((one) => make("li", {}, make("button", { type: "button", class: "button button--second", onclick: () => { shown = one; draw(); } }, [one.name])))));
      if (services.length > can.length) main.append(make("p", { class: "small muted" }, word("offline.read_only"), ` ${services.filter((one) => !one.takes).map((one) => plain(one.name)).join("、")}`));
      return;
    }
    const service = shown, form = make("form", { novalidate: true, id: "form", onsubmit: (event) => { event.preventDefault(); send(service); } });
    if (typed.service !== service.id) typed = { service: service.id, values: { "shelter.name": head.shelter, "shelter.taken_by": who }, wrong: {} };
    main.append(make("h2", {}, [service.name]));
    const wrong = Object.entries(typed.wrong);
    if (wrong.length) main.append(make("div", { class: "notice notice--wrong", role: "alert" }, make("h2", {}, word("error.title")), make("ul", {}, ...wrong.map(([name, [message, values]]) => make("li", {}, make("a", { href: `#${name}` }, [message, values]))))));
    for (const page of service.pages) {
      if (!page.questions.length) continue;
      form.append(make("fieldset", { class: "page" }, make("legend", {}, [page.title]), page.intro && make("p", {}, [page.intro]), ...page.questions.map(field)));
    }
    form.append(make("p", { class: "small muted" }, word("offline.check_server")), make("div", { class: "buttons" }, make("button", { class: "button" }, word("offline.keep"))));
    main.append(form);
  }

  function field(question) {
    const name = question.name, value = typed.values[name] ?? "", wrong = typed.wrong[name];
    const described = [question.help && `${name}-help`, wrong && `${name}-wrong`].filter(Boolean).join(" ") || null;
    const asks = [make("span", {}, [question.asks]), !question.required && make("span", { class: "small muted" }, " ", word("offline.optional"))];
    const under = [question.help && make("p", { class: "hint", id: `${name}-help` }, [question.help]), wrong && make("p", { class: "wrong", id: `${name}-wrong` }, wrong)];
    const options = question.type === "bool" ? [["yes", words.yes], ["no", words.no]] : question.choices;
    if (options.length) return make("fieldset", { class: `field${wrong ? " field--wrong" : ""}`, "aria-describedby": described }, make("legend", {}, ...asks), ...under,
      ...options.map(([id, label], at) => make("label", { class: "choice" }, make("input", { type: "radio", name, id: at ? `${name}.${id}` : name, value: id, checked: value === id }), make("span", {}, [label]))));
    if (question.type === "date") return make("fieldset", { class: `field${wrong ? " field--wrong" : ""}`, "aria-describedby": `${name}-date${described ? ` ${described}` : ""}` }, make("legend", {}, ...asks), make("p", { class: "hint", id: `${name}-date` }, word("offline.date_hint")), ...under,
      make("div", { class: "date" }, make("div", {}, make("label", { for: name }, word("apply.era")), make("select", { class: "select", id: name, name: `${name}.era` }, ...Object.keys(ERAS).map((era) => make("option", { value: era, selected: typed.values[`${name}.era`] === era }, plain(words[`apply.era_${era}`]))))),
        ...[["year", 4], ["month", 2], ["day", 2]].map(([piece, length]) => make("div", {}, make("label", { for: `${name}.${piece}` }, word(piece)), make("input", { class: "input input--tiny", id: `${name}.${piece}`, name: `${name}.${piece}`, inputmode: "numeric", maxlength: length, autocomplete: "off", value: typed.values[`${name}.${piece}`] ?? "", "aria-invalid": wrong && "true" })))));
    const known = { class: question.type === "int" ? "input input--short" : "input", id: name, name, autocomplete: "off", "aria-describedby": described, "aria-invalid": wrong && "true" };
    if (question.type === "int") known.inputmode = "numeric";
    if (question.kind === "phone") known.type = "tel";
    return make("div", { class: `field${wrong ? " field--wrong" : ""}` }, make("label", { class: "label", for: name }, ...asks), ...under,
      question.kind === "long_text" ? make("textarea", { ...known, class: "textarea" }, value) : make("input", { ...known, value }));
  }

  function collect() {
    const form = document.getElementById("form");
    if (form) for (const [name, value] of new FormData(form)) typed.values[name] = value;
  }
  const half = (text) => text.normalize("NFKC").trim();
  const fault = (name, question, values = {}) => { throw [words[name], { field: question.label, ...values }]; };
  function answer(question) {
    const name = question.name, raw = typed.values[name] ?? "";
    if (question.type === "date") return day(question);
    const given = question.kind === "kana" ? half(raw).replace(/[ぁ-ゖ]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 96)) : raw.trim();
    if (!given) { if (question.required) fault(question.type === "bool" || question.choices.length ? "error.choose_one" : "error.required", question); return null; }
    if (question.type === "bool") return given === "yes";
    if (question.type === "int") {
      const digits = half(given).replace(/[,円 ]/g, "");
      if (!/^\d+$/.test(digits)) fault("error.not_a_number", question);
      if (digits.length > 13 || Number(digits) > 1e12) fault("error.too_large", question, { max: "1,000,000,000,000" });
      return Number(digits);
    }
    if (question.kind === "phone" && !/^\+?\d{9,15}$/.test(half(given).replace(/[-() ]/g, ""))) fault("error.not_a_phone", question);
    if (question.kind === "postal_code" && !/^\d{7}$/.test(half(given).replace(/[-〒 ]/g, ""))) fault("error.not_a_postcode", question);
    if (question.kind === "kana" && !/^[ァ-ヴー・]+( +[ァ-ヴー・]+)*$/.test(given)) fault("error.not_kana", question);
    if (question.kind === "email" && !/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(half(given))) fault("error.not_an_email", question);
    if ([...given].length > question.most) fault("error.too_long", question, { max: question.most, length: [...given].length });
    return given;
  }
  function day(question) {
    const get = (piece) => half(typed.values[`${question.name}.${piece}`] ?? "");
    const [year, month, of_month] = ["year", "month", "day"].map(get);
    if (!year && !month && !of_month) { if (question.required) fault("error.required", question); return null; }
    const whole = [year, month, of_month].every((one) => /^\d{1,4}$/.test(one));
    const western = Number(year) + (year.length === 4 ? 0 : ERAS[get("era")] ?? 0);
    const iso = `${String(western).padStart(4, "0")}-${month.padStart(2, "0")}-${of_month.padStart(2, "0")}`;
    const found = new Date(`${iso}T00:00:00Z`);
    if (!whole || Number.isNaN(found.getTime()) || found.toISOString().slice(0, 10) !== iso || western < 1868) fault("offline.bad_date", question);
    if (question.kind === "past_date" && found.getTime() > now() + 9 * 3600000) fault("offline.future_date", question);
    return iso;
  }
  async function send(service) {
    collect();
    typed.wrong = {};
    const answers = {};
    for (const question of service.pages.flatMap((page) => page.questions)) {
      try {
        const value = answer(question);
        if (value === null) continue;
        const [group, ...rest] = question.name.split(".");
        (answers[group] ??= {})[rest.join(".")] = value;
      } catch (wrong) { if (!Array.isArray(wrong)) throw wrong; typed.wrong[question.name] = wrong; }
    }
    if (Object.keys(typed.wrong).length) { draw(); return; }
    const stored = await keep({ kind: "intake", service: service.id, answers });
    said = stored ? ["ok", "offline.kept_next", {}] : ["wrong", "offline.not_kept", {}];
    typed = {};
    draw();
  }

  async function list() {
    main.append(make("h1", {}, word("offline.nav_entries")));
    const found = await entered();
    if (part !== "entries") return;
    main.append(make("p", {}, word(found.length ? "offline.entries_lead" : "offline.none_entered", { count: found.length })));
    if (found.length) main.append(exportButton());
    main.append(...found.map((one) => {
      const service = services.find((each) => each.id === one.service), questions = service ? service.pages.flatMap((page) => page.questions) : [];
      const rows = questions.flatMap((question) => {
        const [group, ...rest] = question.name.split("."), value = one.answers?.[group]?.[rest.join(".")];
        if (value === undefined) return [];
        const choice = question.choices.find(([id]) => id === value);
        return [make("dt", {}, [question.label]), make("dd", {}, choice ? [choice[1]] : value === true ? word("yes") : value === false ? word("no") : String(value))];
      });
      const title = one.kind === "left" ? `${plain(words["offline.left"])} ${one.name}` : one.answers?.applicant?.name ?? (service ? plain(service.name) : one.id);
      return make("section", { class: "entry" }, make("h2", {}, title), make("p", { class: "small muted" }, `${one.at ? clock(one.at) : ""} `, word("offline.entered_by", { who: one.by || "—" })), make("dl", {}, ...rows));
    }), make("div", { class: "buttons" }, out && make("button", { type: "button", class: "button button--second", onclick: () => {
      if (!confirm(plain(words["offline.erase_sure"]))) return;
      for (const name of names()) localStorage.removeItem(name);
      kept = []; out = false; draw();
    } }, word("offline.erase")), make("button", { type: "button", class: "button button--second", onclick: () => { inside = null; key = null; typed = {}; go("lock"); } }, word("offline.lock"))));
  }

  if (head.synthetic) { const mark = document.getElementById("synthetic"); mark.hidden = false; mark.textContent = "架空のデータ / synthetic data"; }
  language = (navigator.language || "ja").startsWith("ja") ? "ja" : "en";
  // before the page is closed the browser asks where something would be lost: entries that nothing keeps, a form half filled in
  const begun = () => { collect(); return Object.entries(typed.values ?? {}).some(([name, value]) => value && !OURS.test(name)); };
  addEventListener("beforeunload", (event) => { if ((!stores && kept.length) || begun()) event.preventDefault(); });
  setInterval(() => { tick(); if (part !== "lock" && over() && inside && inside.length) { inside = []; draw(false); } }, 30000);
  draw(false);
})();
