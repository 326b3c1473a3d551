"use strict";
const find = (selector, root = document) => root.querySelector(selector);
const pages = new Map();
let posts = Promise.resolve();

function fetchPage(address) {
  if (!pages.has(address)) {
    const got = fetch(address, { headers: { Accept: "text/html" } }).then(async (answer) => {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const picture = find(".leaf img", page);
      if (picture) new Image().src = picture.getAttribute("src");
      return page;
    });
    got.catch(() => pages.delete(address));
    pages.set(address, got);
  }
  return pages.get(address);
}

function settle() {
  const next = find("a[rel=next][data-ahead]");
  if (next) fetchPage(next.href);
  centre();
  watchSelection();
}

async function show(address, push = true) {
  try {
    const page = await fetchPage(address);
    pages.clear();
    find("main").replaceWith(document.importNode(find("main", page), true));
    document.title = page.title;
    if (push) history.pushState(null, "", address);
    find("h1")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    settle();
  } catch {
    location.assign(address);
  }
}

function centre() {
  const frame = find(".sheet");
  const mark = frame && find(".quote-frame, mark", frame);
  if (!mark) return;
  const [outer, inner] = [frame.getBoundingClientRect(), mark.getBoundingClientRect()];
  frame.scrollTop += inner.top - outer.top - (frame.clientHeight - inner.height) / 2;
  frame.scrollLeft += inner.left - outer.left - Math.max((frame.clientWidth - inner.width) / 2, 12);
}

function tell(page) {
  const told = find(".told", page);
  if (told) find("#told").replaceChildren(document.importNode(told, true));
}

function complain(words, address) {
  const told = document.createElement("p");
  told.className = "told fault";
  told.textContent = `${words} `;
  const back = document.createElement("a");
  back.href = address;
  back.textContent = "Go back to it";
  told.append(back);
  find("#told").replaceChildren(told);
}

function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const here = location.href;
  const done = posts.then(async () => {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST", body, keepalive: true, headers: { Accept: "text/html", "X-Aside": "1" },
    });
    const text = await answer.text();
    if (!answer.ok) {
      const said = answer.headers.get("content-type")?.startsWith("text/plain") ? text : `The server answered ${answer.status}.`;
      throw new Error(said);
    }
    return new DOMParser().parseFromString(text, "text/html");
  });
  posts = done.then(tell, (fault) => complain(`Not saved: ${fault.message}`, here));
  return done;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-aside]")) return;
  event.preventDefault();
  const done = send(form, event.submitter);
  find("#told").replaceChildren(); // a key for a reason must not meet the decision before
  if (form.dataset.aside === "next") {
    const next = find("a[rel=next][data-ahead]");
    show(next ? next.href : form.dataset.end);
  } else if (form.dataset.aside === "back") {
    done.then((page) => show(find(".told", page).dataset.back ?? location.href), () => {});
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key === " " && event.target.closest("button, a, summary, [role=region]")) return;
  const key = event.key === " " ? "space" : event.key;
  const target = document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("details")) {
    target.open = true;
    find("input:not([type=hidden]), select, textarea", target)?.focus();
  } else if (target.matches("input, select, textarea")) {
    target.focus();
  } else {
    target.click();
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("a[data-ahead], [data-does]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target.matches("a[data-ahead]")) {
    event.preventDefault();
    show(target.href);
  } else if (target.dataset.does === "keys") {
    find("#keys").showModal();
  } else if (target.dataset.does === "close") {
    target.closest("dialog").close();
  } else if (target.dataset.does === "correct") {
    const form = find("#correction");
    form.open = !form.open;
    if (form.open) find("select", form).focus();
  } else if (target.dataset.does === "zoom") {
    find(".sheet")?.classList.toggle("zoomed");
    centre();
  } else if (target.dataset.does === "down" || target.dataset.does === "up") {
    step(target.dataset.does === "down" ? 1 : -1);
  }
});

function step(by) {
  const rows = [...document.querySelectorAll("a.row")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

/* Offsets count code points, as the reader's do, and JavaScript's strings count units of UTF-16. */
const count = (text) => [...text].length;

function offset(node, at) {
  const block = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-start]");
  if (!block) return null;
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(node, at);
  return Number(block.dataset.start) + count(before.toString());
}

function watchSelection() {
  const form = find("form.missing");
  const reader = find(".reader");
  if (!form || !reader) return;
  const take = () => {
    const chosen = getSelection();
    if (chosen.isCollapsed || !chosen.rangeCount) return;
    const range = chosen.getRangeAt(0);
    if (!reader.contains(range.commonAncestorContainer)) return;
    const [start, end] = [offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset)];
    if (start === null || end === null || end <= start) return;
    form.elements.start.value = start;
    form.elements.end.value = end;
    form.elements.quote.value = range.toString();
    form.classList.add("chosen");
  };
  document.addEventListener("mouseup", take);
  document.addEventListener("touchend", take);
  document.addEventListener("keyup", take);
  form.elements.quote.addEventListener("input", () => { form.elements.start.value = form.elements.end.value = ""; });
}

window.addEventListener("popstate", () => show(location.href, false));
window.addEventListener("load", centre);
const token = find("form.login input[name=token]");
if (token && location.hash.length > 1) token.value = decodeURIComponent(location.hash.slice(1));
settle();
