"use strict";
(() => {
  const PAGE = 24;
  const COLORS = ["#1f9bff", "#ff7a1a", "#14c99a", "#f06bb8", "#ffc61a", "#8fd8ff"];
  const data = JSON.parse(document.getElementById("frames").textContent);
  const state = {
    overlay: new Set(["boxes"]), show: new Set(["image"]),
    size: new Set(), sight: new Set(), class: new Set(), page: 0,
  };
  const byId = (id) => document.getElementById(id);
  const make = (tag, text = "", kind = "") => {
    const node = document.createElement(tag);
    if (text !== "") node.textContent = text;
    if (kind) node.className = kind;
    return node;
  };
  const color = (i) => data.classes.length <= COLORS.length
    ? COLORS[i] : `hsl(${(i * 222.5) % 360} 90% ${i % 2 ? 68 : 56}%)`;

  const wanted = ([kind, , , , size, sight]) =>
    (!state.class.size || state.class.has(String(kind))) &&
    (!state.size.size || state.size.has(String(size))) &&
    (!state.sight.size || state.sight.has(String(sight)));
  const filtering = () => state.class.size + state.size.size + state.sight.size > 0;
  const listed = (shelf) => filtering()
    ? shelf.frames.filter((frame) => frame.objects.some(wanted)) : shelf.frames;

  function outline(pen, path, scale, paint) {
    pen.save();
    pen.scale(scale / data.fine, scale / data.fine);
    paint(new Path2D(path), data.fine / scale);
    pen.restore();
  }

  function draw(canvas, frame, only = null) {
    const wide = canvas.clientWidth, tall = canvas.clientHeight, dense = devicePixelRatio || 1;
    canvas.width = Math.round(wide * dense);
    canvas.height = Math.round(tall * dense);
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    const small = wide / frame.small[0], whole = wide / frame.size[0];
    const shown = frame.objects.filter((row) => only ? row === only : wanted(row));
    for (const row of shown) {
      const [kind, , , , , , mask, amodal] = row;
      if ((state.overlay.has("masks") || only) && mask) {
        outline(pen, mask, small, (path, px) => {
          pen.fillStyle = pen.strokeStyle = color(kind);
          pen.globalAlpha = only ? 0.55 : 0.42;
          pen.fill(path, "evenodd");
          pen.globalAlpha = 1;
          pen.lineWidth = px;
          pen.stroke(path);
        });
      }
      if (state.overlay.has("amodal") && amodal) {
        outline(pen, amodal === 1 ? mask : amodal, small, (path, px) => {
          pen.setLineDash([]);
          pen.lineWidth = 3 * px;
          pen.strokeStyle = "#000a";
          pen.stroke(path);
          pen.setLineDash([4 * px, 3 * px]);
          pen.lineWidth = 1.6 * px;
          pen.strokeStyle = color(kind);
          pen.stroke(path);
        });
      }
    }
    for (const [kind, box] of shown) {
      const [x, y, w, h] = box.map((value) => value * whole);
      if (state.overlay.has("boxes") || only) {
        pen.lineWidth = 3;
        pen.strokeStyle = "#0007";
        pen.strokeRect(x, y, w, h);
        pen.lineWidth = 1.5;
        pen.strokeStyle = color(kind);
        pen.strokeRect(x, y, w, h);
      }
      if (state.overlay.has("names") || only) name(pen, data.classes[kind], x, y, color(kind));
    }
  }

  function name(pen, text, x, y, back) {
    pen.font = "600 11px system-ui, sans-serif";
    const wide = pen.measureText(text).width + 8, top = Math.max(0, y - 15);
    pen.fillStyle = back;
    pen.fillRect(x, top, wide, 15);
    pen.fillStyle = "#000";
    pen.fillText(text, x + 4, top + 11);
  }

  function view(frame) {
    const box = make("span", "", "view"), image = make("img"), canvas = make("canvas");
    const layer = [...state.show][0];
    [image.width, image.height] = frame.small;
    image.alt = `${layer} of ${frame.name}`;
    image.src = layer === "image" ? frame.image : frame[layer] ? frame[layer][0] : frame.image;
    image.title = layer !== "image" && frame[layer] ? frame[layer][1] : "";
    box.append(image, canvas);
    return box;
  }

  function tile(shelf, frame, place) {
    const node = make("button", "", "tile"), line = make("small");
    const count = frame.objects.filter(wanted).length;
    line.append(make("span", frame.name), make("span", `${count} object${count === 1 ? "" : "s"}`));
    node.append(view(frame), line);
    node.addEventListener("click", () => enlarge(shelf, place));
    return node;
  }

  function refresh() {
    const lists = data.shelves.map(listed);
    const longest = Math.max(...lists.map((list) => list.length), 0);
    const each = data.shelves.length > 1 ? PAGE / 2 : PAGE;
    const pages = Math.max(1, Math.ceil(longest / each));
    state.page = Math.min(Math.max(state.page, 0), pages - 1);
    const first = state.page * each;
    byId("shelves").replaceChildren(...lists.map((list, s) => {
      const shelf = make("div", "", "shelf");
      if (lists.length > 1) shelf.append(make("h3", data.shelves[s].name));
      list.slice(first, first + each).forEach((frame, k) => shelf.append(tile(list, frame, first + k)));
      if (!list.length) shelf.append(make("p", "No picture among these shows that.", "none"));
      return shelf;
    }));
    const last = Math.min(first + each, longest);
    byId("where").textContent = longest ? `${first + 1}–${last} of ${longest.toLocaleString("en")}` : "none";
    byId("back").disabled = state.page === 0;
    byId("next").disabled = state.page >= pages - 1;
    byId("clear").hidden = !filtering();
    for (const button of document.querySelectorAll("#bar button")) {
      const { kind, key } = button.dataset;
      button.setAttribute("aria-pressed", String(state[kind].has(key)));
    }
    redraw(lists, first, each);
  }

  function redraw(lists, first, each) {
    document.querySelectorAll(".shelf").forEach((shelf, s) => {
      const frames = lists[s].slice(first, first + each);
      shelf.querySelectorAll("canvas").forEach((canvas, k) => draw(canvas, frames[k]));
    });
  }

  function enlarge(list, place) {
    const frame = list[place], large = byId("large");
    const head = make("header"), two = make("div", "", "two"), shown = view(frame);
    const step = (text, to, label) => {
      const button = make("button", text);
      button.setAttribute("aria-label", label);
      button.disabled = to < 0 || to >= list.length;
      button.addEventListener("click", () => enlarge(list, to));
      return button;
    };
    const close = make("button", "Close");
    close.addEventListener("click", () => large.close());
    head.append(make("b", `${frame.name}  ${frame.size.join(" × ")}`),
      step("‹", place - 1, "previous picture"), step("›", place + 1, "next picture"), close);
    const rows = make("div", "", "scroll");
    rows.append(objects(frame, shown.lastChild));
    two.append(shown, rows);
    large.replaceChildren(head, two);
    large.onkeydown = (event) => {
      const to = place + ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] || 0);
      if (to !== place && to >= 0 && to < list.length) enlarge(list, to);
    };
    if (!large.open) large.showModal();
    shown.firstChild.decode().catch(() => {}).then(() => draw(shown.lastChild, frame));
  }

  function objects(frame, canvas) {
    const table = make("table"), head = make("tr");
    for (const text of ["class", "x, y, w, h", "area", "visible"]) head.append(make("th", text));
    table.append(head);
    for (const row of frame.objects.filter(wanted)) {
      const [kind, box, area, visible] = row, line = make("tr");
      const first = make("td"), dot = make("i");
      dot.style.cssText = `display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:6px;background:${color(kind)}`;
      first.append(dot, data.classes[kind]);
      const seen = visible === null ? "" : `${Math.round(100 * visible)}%`;
      line.append(first, make("td", box.map(Math.round).join(", "), "number"),
        make("td", area.toLocaleString("en"), "number"), make("td", seen, "number"));
      line.addEventListener("mouseenter", () => { line.dataset.on = ""; draw(canvas, frame, row); });
      line.addEventListener("mouseleave", () => { delete line.dataset.on; draw(canvas, frame); });
      table.append(line);
    }
    return table;
  }

  function toggle(kind, key) {
    const chosen = state[kind];
    if (kind === "show") {
      const off = chosen.has(key);
      chosen.clear();
      chosen.add(off ? "image" : key);
    } else if (!chosen.delete(key)) {
      chosen.add(key);
    }
    if (kind !== "overlay" && kind !== "show") state.page = 0;
    refresh();
  }

  for (const button of document.querySelectorAll("#bar button")) {
    const { kind, key } = button.dataset;
    if (kind === "class") {
      const dot = make("i");
      dot.style.background = color(Number(key));
      button.prepend(dot);
    }
    button.addEventListener("click", () => toggle(kind, key));
  }
  const turn = (by) => { state.page += by; refresh(); };
  byId("back").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("clear").addEventListener("click", () => {
    for (const kind of ["class", "size", "sight"]) state[kind].clear();
    state.page = 0;
    refresh();
  });
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 120);
  });
  refresh();
})();
