// For the town's own pages: a link that opens the talk with the town hall in a window of its own. Nothing is loaded from
// elsewhere, nothing is stored, nobody is followed. Without JavaScript, put a plain link to /TOWN/chat/ there.
//
//   <script src="https://HALL/static/web/widget.js" data-town="394262" data-lang="ja" defer></script>
"use strict";
(() => {
  const script = document.currentScript;
  const { town, lang = document.documentElement.lang || "ja" } = script.dataset;
  const words = { ja: "質問する（新しい画面）", easy: "しつもんする（新しい 画面）", en: "Ask a question (new window)" };
  const link = document.createElement("a");
  link.href = new URL(`/${town}/chat/?lang=${words[lang] ? lang : "en"}`, script.src).href;
  link.textContent = words[lang] || words.en;
  link.target = "yakuba-chat";
  link.rel = "noopener";
  Object.assign(link.style, {
    position: "fixed", right: "1rem", bottom: "1rem", zIndex: "1000", padding: "0.75rem 1rem", borderRadius: "0.5rem",
    background: "#0017c1", color: "#fff", font: "bold 1rem/1.5 sans-serif", textDecoration: "underline",
  });
  const aside = document.createElement("aside");
  aside.setAttribute("aria-label", words[lang] || words.en);
  aside.append(link);
  document.body.append(aside);
})();
