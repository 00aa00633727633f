// The map of a dataset version: a point a row, drawn pixel by pixel into one picture, so that 100,000 of them move smoothly.
(() => {
  const maps = new WeakMap();
  const span = 1000; // width and height in the map's units
  const zoomStep = 1.25;
  const farthest = 40; // times nearer than the whole
  const panStep = 60; // pixels, by an arrow key
  const mostCorners = 40;
  const size = 520; // height in CSS pixels
  const hues = {
    light: ["#1f77b4", "#d95f02", "#2a8c4a", "#c2185b", "#7b52ab", "#8c564b", "#0097a7", "#b8860b", "#5b6b7a", "#e0457b", "#4c9a2a", "#9a9a9a"],
    dark: ["#6db3f2", "#ffa657", "#6fd48c", "#ff7eb6", "#c3a6ff", "#d8a48f", "#4fd8e4", "#f2d45c", "#a9b8c8", "#ff9dbf", "#a8e07a", "#8a8f98"],
  };

  class RowMap {
    constructor(host, options, callback) {
      Object.assign(this, { host, options, callback, scale: 1, left: 0, top: 0, lasso: null, hidden: new Set() });
      this.canvas = document.createElement("canvas");
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "img");
      this.canvas.setAttribute("aria-label", options.title);
      this.canvas.style.cssText = `display:block;width:100%;height:${size}px;touch-action:none;cursor:grab`;
      this.legend = document.createElement("ul");
      this.legend.className = "legend";
      host.replaceChildren(this.canvas, this.legend);
      this.context = this.canvas.getContext("2d");
      for (const [name, act] of Object.entries({
        wheel: e => this.wheel(e), pointerdown: e => this.down(e), pointermove: e => this.move(e), pointerup: e => this.up(e),
        pointercancel: e => this.up(e), keydown: e => this.key(e),
      })) this.canvas.addEventListener(name, act, { passive: false });
      this.size = new ResizeObserver(() => this.resize());
      this.size.observe(this.canvas);
      // This element's own colour changes with the theme, and says so when it has.
      host.addEventListener("transitionend", event => { if (event.target === this.canvas) this.draw(); });
      this.load();
    }

    async load() {
      const answer = await fetch(this.options.address);
      if (!answer.ok) {
        this.host.textContent = this.options.failed;
        return;
      }
      const bytes = await answer.arrayBuffer();
      const headBytes = new DataView(bytes).getInt32(0, true);
      this.head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, headBytes)));
      const rows = this.head.rows;
      this.x = new Float32Array(bytes, 4 + headBytes, rows);
      this.y = new Float32Array(bytes, 4 + headBytes + 4 * rows, rows);
      this.values = this.head.columns.map((_, i) => new Uint8Array(bytes, 4 + headBytes + 8 * rows + i * rows, rows));
      this.by(this.options.column);
    }

    by(column) {
      this.options.column = column;
      if (!this.head) return;
      this.column = Math.max(0, this.head.columns.findIndex(c => c.name === column));
      this.draw();
    }

    resize() {
      const ratio = Math.min(2, devicePixelRatio || 1);
      this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio));
      this.canvas.height = Math.max(1, Math.round(size * ratio));
      this.ratio = ratio;
      this.draw();
    }

    // Pixels of the canvas for one unit of the map, and where the map begins.
    view() {
      const unit = Math.min(this.canvas.width, this.canvas.height) / (span * 1.06) * this.scale;
      return {
        unit,
        dx: this.canvas.width / 2 - (span / 2) * unit + this.left,
        dy: this.canvas.height / 2 - (span / 2) * unit + this.top,
      };
    }

    draw() {
      if (this.pending || !this.head || !this.ratio) return;
      this.pending = requestAnimationFrame(() => { this.pending = 0; this.paint(); });
    }

    paint() {
      const { width, height } = this.canvas;
      const { unit, dx, dy } = this.view();
      if (!this.picture || this.picture.width !== width || this.picture.height !== height) {
        this.picture = this.context.createImageData(width, height);
        this.pixels = new Uint32Array(this.picture.data.buffer);
      }
      this.pixels.fill(0);
      const colors = this.colors();
      const { x, y, pixels } = this;
      const values = this.values[this.column];
      const dot = Math.round(this.ratio * Math.min(5, Math.max(1, 6 - Math.log10(x.length + 1)) + this.scale / 10)); // many points are small ones
      for (let i = 0; i < x.length; i++) {
        const px = (x[i] * unit + dx) | 0, py = (y[i] * unit + dy) | 0;
        if (x[i] !== x[i] || px < 0 || py < 0 || px + dot > width || py + dot > height) continue;
        const color = colors[values[i]];
        for (let v = 0, at = py * width + px; v < dot; v++, at += width)
          for (let u = 0; u < dot; u++) pixels[at + u] = color;
      }
      this.context.putImageData(this.picture, 0, 0);
      this.names(unit, dx, dy);
      this.shape();
      this.explain();
      this.frames = (this.frames || 0) + 1;
      this.canvas.dataset.frames = this.frames;
    }

    isDark() {
      const [r, g, b] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
      return r + g + b < 384;
    }

    colors() {
      const dark = this.isDark();
      return hues[dark ? "dark" : "light"].map(hex => {
        const n = parseInt(hex.slice(1), 16);
        return ((255 << 24) | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0; // pixels are ABGR
      });
    }

    names(unit, dx, dy) {
      const { context, ratio } = this;
      const dark = this.isDark();
      context.font = `600 ${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
      context.textAlign = "center";
      context.lineWidth = 4 * ratio;
      context.strokeStyle = dark ? "#15181dcc" : "#ffffffdd";
      context.fillStyle = dark ? "#fff" : "#111";
      const taken = [];
      for (const cluster of [...this.head.clusters].sort((a, b) => b.rows - a.rows)) {
        const half = context.measureText(cluster.name).width / 2;
        const px = Math.min(Math.max(cluster.x * unit + dx, half + 4), this.canvas.width - half - 4), py = cluster.y * unit + dy;
        if (!cluster.rows || taken.some(t => Math.abs(t.px - px) < t.half + half && Math.abs(t.py - py) < 16 * ratio)) continue;
        taken.push({ px, py, half });
        context.strokeText(cluster.name, px, py);
        context.fillText(cluster.name, px, py);
      }
    }

    shape() {
      if (!this.lasso?.length) return;
      const { context } = this;
      context.beginPath();
      for (const [x, y] of this.lasso) context.lineTo(x, y);
      context.closePath();
      context.lineWidth = 2 * this.ratio;
      context.strokeStyle = this.isDark() ? "#fff" : "#111";
      context.stroke();
    }

    zoom(factor, x = this.canvas.width / 2, y = this.canvas.height / 2) {
      const scale = Math.min(farthest, Math.max(1, this.scale * factor));
      const real = scale / this.scale;
      this.left = (this.left + this.canvas.width / 2 - x) * real + x - this.canvas.width / 2;
      this.top = (this.top + this.canvas.height / 2 - y) * real + y - this.canvas.height / 2;
      this.scale = scale;
      if (scale === 1) this.left = this.top = 0;
      this.draw();
    }

    at(event) {
      const box = this.canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
    }

    wheel(event) {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? zoomStep : 1 / zoomStep, ...this.at(event));
    }

    down(event) {
      this.canvas.setPointerCapture(event.pointerId);
      this.from = this.at(event);
      this.lasso = this.options.lasso || event.shiftKey ? [this.from] : null;
    }

    move(event) {
      if (!this.from) return;
      const point = this.at(event);
      if (this.lasso) {
        this.lasso.push(point);
      } else {
        this.left += point[0] - this.from[0];
        this.top += point[1] - this.from[1];
        this.from = point;
      }
      this.draw();
    }

    up() {
      this.from = null;
      const lasso = this.lasso;
      this.lasso = null;
      this.draw();
      if (!lasso || lasso.length < 3) return;
      const { unit, dx, dy } = this.view();
      const every = Math.max(1, Math.ceil(lasso.length / mostCorners));
      const corners = lasso.filter((_, i) => i % every === 0).map(([x, y]) => `${Math.round((x - dx) / unit)},${Math.round((y - dy) / unit)}`);
      if (corners.length > 2) this.callback.invokeMethodAsync("Lassoed", corners.join("_"));
    }

    // Which colour means what; written again where the column or the theme has changed.
    explain() {
      const shown = `${this.column} ${this.isDark()}`;
      if (this.explained === shown) return;
      this.explained = shown;
      const colors = hues[this.isDark() ? "dark" : "light"];
      this.legend.replaceChildren(...this.head.columns[this.column].values.map((value, i) => {
        const item = document.createElement("li"), dot = document.createElement("span"), name = document.createElement("bdi");
        dot.className = "map-dot";
        dot.style.background = colors[i];
        name.textContent = value;
        item.append(dot, name);
        return item;
      }));
    }

    key(event) {
      const step = panStep * this.ratio;
      const acts = {
        "+": () => this.zoom(zoomStep), "-": () => this.zoom(1 / zoomStep), "0": () => this.zoom(0),
        ArrowLeft: () => { this.left += step; }, ArrowRight: () => { this.left -= step; },
        ArrowUp: () => { this.top += step; }, ArrowDown: () => { this.top -= step; },
      };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
      this.draw();
    }

    remove() {
      this.size.disconnect();
    }
  }

  window.webTrainer.map = {
    draw(host, options, callback) { maps.get(host)?.remove(); maps.set(host, new RowMap(host, options, callback)); },
    by(host, column) { maps.get(host)?.by(column); },
    lasso(host, on) { const map = maps.get(host); if (map) map.options.lasso = on; },
    remove(host) { maps.get(host)?.remove(); maps.delete(host); },
  };
})();
