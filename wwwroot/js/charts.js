// Charts of lines, drawn by uPlot: value under the pointer or the arrow keys, zoom, smoothing, logarithmic axis.
(() => {
  const charts = new WeakMap();
  const zoomFactor = 0.6; // of the shown room, at each press of + and -
  const farStep = 10; // points, with Shift
  const closePoints = 4; // pixels

  class LineChart {
    constructor(host, options, bytes) {
      this.host = host;
      this.options = options;
      this.series = read(options.counts, bytes).map((points, i) => ({ ...options.series[i], ...points }));
      this.smoothing = 0;
      this.log = false;
      this.hidden = new Set();
      this.build();
      this.size = new ResizeObserver(() => this.plot?.setSize({ width: this.plotHost.clientWidth, height: options.height }));
      this.size.observe(this.plotHost);
      // Colours are the theme's: this element's own colour changes with it, and says so when it has.
      host.addEventListener("transitionend", event => { if (event.target === this.plotHost) this.draw(); });
      this.print = () => this.draw();
      addEventListener("beforeprint", this.print);
      addEventListener("afterprint", this.print);
      this.draw();
    }

    build() {
      const { words } = this.options;
      this.tools = element("div", "chart-tools no-print");
      this.logBox = element("input");
      this.logBox.type = "checkbox";
      this.logBox.addEventListener("change", () => { this.log = this.logBox.checked; this.draw(); });
      this.slider = element("input");
      Object.assign(this.slider, { type: "range", min: 0, max: 0.99, step: 0.01, value: 0 });
      this.slider.addEventListener("input", () => { this.smoothing = Number(this.slider.value); this.draw(); });
      this.wholeButton = element("button", "", words.whole);
      this.wholeButton.type = "button";
      this.wholeButton.hidden = true;
      this.wholeButton.addEventListener("click", () => { this.whole(); this.plotHost.focus(); });
      this.tools.append(labelled(words.smooth, this.slider), labelled(words.log, this.logBox), this.wholeButton);
      this.plotHost = element("div", "chart-plot");
      this.plotHost.tabIndex = 0;
      this.plotHost.setAttribute("role", "group");
      this.plotHost.addEventListener("keydown", event => this.key(event));
      this.legend = element("ul", "legend");
      this.live = element("div", "visually-hidden");
      this.live.setAttribute("aria-live", "polite");
      this.host.replaceChildren(this.tools, this.plotHost, this.legend, this.live);
    }

    take(options, bytes) {
      this.options = options;
      this.series = read(options.counts, bytes).map((points, i) => ({ ...options.series[i], ...points }));
      this.draw();
    }

    append(counts, bytes) {
      read(counts, bytes).forEach(({ x, y }, i) => {
        this.series[i].x = joined(this.series[i].x, x);
        this.series[i].y = joined(this.series[i].y, y);
      });
      const before = this.lines.length;
      this.lines = this.drawn();
      if (this.lines.length !== before) { this.draw(); return; }
      const data = this.joined();
      this.plot.setData(data, !this.zoomed); // what is under the pointer, or being marked for a zoom, stays
      if (this.zoomed) this.plot.redraw();
      this.showValues(this.plot);
    }

    draw() {
      performance.mark("chart-start");
      const { title, xTitle, words } = this.options;
      this.plotHost.setAttribute("aria-label", `${title} over ${xTitle}. ${words.keys}`);
      const zoomed = this.zoomed ? { ...this.shown } : null;
      const positive = this.series.every(s => s.y.every(v => !(v <= 0)));
      this.logBox.disabled = !positive;
      this.log &&= positive;
      this.logBox.checked = this.log;
      this.lines = this.drawn();
      this.plot?.destroy();
      this.plot = new uPlot(this.settings(), this.joined(), this.plotHost);
      if (zoomed) this.plot.setScale("x", zoomed);
      this.showLegend();
      performance.measure("chart", "chart-start");
    }

    // All xs, each once, and of each line what it has there.
    joined() {
      const data = uPlot.join(this.lines.map(l => [l.x, l.y]));
      const [min, max] = [data[0][0], data[0].at(-1)];
      this.room = min === max ? { min: min - 1, max: max + 1 } : { min, max };
      this.host.dataset.points = this.series.map(s => s.x.length).join(" ");
      return data;
    }

    // Quiet lines stand behind; with smoothing the measured points stand pale behind their smooth line.
    drawn() {
      const lines = this.series.map((s, i) => ({ ...s, i, y: clipped(s.y, this.options.highest) }));
      const pale = this.smoothing > 0 ? lines.filter(l => !l.quiet && !l.dots).map(l => ({ ...l, pale: true })) : [];
      const front = lines.filter(l => !l.quiet).map(l => l.dots ? l : { ...l, y: smooth(l.y, this.smoothing) });
      return [...lines.filter(l => l.quiet), ...pale, ...front].filter(l => l.x.length > 0);
    }

    settings() {
      const { options } = this;
      const text = this.colour("var(--mud-palette-text-secondary)");
      const grid = this.colour("var(--mud-palette-lines-default)");
      const axis = { stroke: text, font: "11px 'Inter Variable', sans-serif", labelFont: "11px 'Inter Variable', sans-serif", labelSize: 18, labelGap: 0,
        grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
      const wholeNumbers = this.lines.every(l => l.x.every(Number.isInteger));
      return {
        width: this.plotHost.clientWidth || 400,
        height: options.height,
        legend: { show: false },
        scales: { x: { time: false, range: (_, min, max) => min === max ? [this.room.min, this.room.max] : [min, max] },
          y: { distr: this.log ? 3 : 1, range: options.whole && !this.log ? [0, options.whole] : this.log ? (_, min, max) => uPlot.rangeLog(min, max, 10, true) : (_, min, max) => uPlot.rangeNum(min ?? 0, max ?? 1, 0.08, true) } },
        axes: [
          { ...axis, label: options.xTitle, size: 28, values: (_, marks) => marks.map(short), ...(wholeNumbers ? { incrs: wholeSteps } : {}) },
          { ...axis, label: options.unit, size: 56, values: (_, marks) => marks.map(m => m == null ? "" : short(m)) },
        ],
        series: [{}, ...this.lines.map(l => this.line(l))],
        cursor: {
          y: false,
          drag: { x: true, y: false },
          sync: options.group ? { key: options.group } : undefined,
          dataIdx: (plot, i, at) => nearest(plot.data[i], at),
          points: { size: 7 },
        },
        hooks: {
          setCursor: [plot => this.showValues(plot)],
          setScale: [(plot, key) => { if (key === "x") this.scaled(plot); }],
        },
      };
    }

    line(line) {
      const colour = this.colour(line.color);
      const alone = line.dots || line.x.length === 1;
      return {
        stroke: colour,
        alpha: line.pale || line.quiet ? 0.4 : 1,
        width: this.width(line, 1, this.plotHost.clientWidth || 400),
        spanGaps: true,
        show: !this.hidden.has(line.name),
        paths: alone ? () => null : undefined,
        points: { show: alone, size: 8, fill: colour, width: 0 },
      };
    }

    colour(name) {
      this.legend.style.outlineColor = name;
      return getComputedStyle(this.legend).outlineColor;
    }

    showLegend() {
      const named = this.series.filter(s => !s.quiet);
      this.legend.replaceChildren(...named.map(s => {
        const button = element("button");
        button.type = "button";
        button.setAttribute("aria-pressed", String(!this.hidden.has(s.name)));
        const swatch = element("i");
        swatch.style.background = s.color;
        const name = element("bdi", "", s.name);
        s.value = element("b", "tabular");
        button.append(swatch, name, " ", s.value);
        button.addEventListener("click", () => this.toggle(s.name));
        const item = element("li");
        item.append(button);
        return item;
      }));
      this.at = element("li", "chart-at tabular");
      this.legend.append(this.at);
      this.showValues(this.plot);
    }

    toggle(name) {
      if (!this.hidden.delete(name)) this.hidden.add(name);
      this.draw();
      [...this.legend.querySelectorAll("button")].find(b => b.querySelector("bdi").textContent === name)?.focus();
    }

    // Away from the chart the legend shows where each line stands now.
    showValues(plot) {
      if (!plot || !this.at) return;
      const under = plot.cursor.idx;
      if (under != null) this.read = under;
      this.lines.forEach((line, i) => {
        const named = this.series[line.i];
        if (line.pale || line.quiet || !named.value) return;
        const values = plot.data[i + 1];
        const at = under == null ? lastOf(values) : nearest(values, under);
        named.value.textContent = at == null ? "" : short(values[at]);
      });
      this.at.textContent = under == null ? "" : `${this.options.xTitle} ${short(plot.data[0][under])}`;
    }

    // Where points stand close, a thin line shows the same and is drawn several times faster.
    width(line, share, plotWidth) {
      return line.pale || line.quiet || line.x.length * share > plotWidth / closePoints ? 1 : 2;
    }

    scaled(plot) {
      const { min, max } = plot.scales.x;
      const share = (max - min) / (this.room.max - this.room.min);
      this.lines.forEach((line, i) => { plot.series[i + 1].width = this.width(line, share, plot.width); });
      this.shown = { min, max };
      this.zoomed = min > this.room.min || max < this.room.max;
      this.wholeButton.hidden = !this.zoomed;
    }

    whole() {
      this.plot.setScale("x", this.room);
    }

    zoom(factor) {
      const { min, max } = this.plot.scales.x;
      const at = this.plot.cursor.idx == null ? (min + max) / 2 : this.plot.data[0][this.plot.cursor.idx];
      const [from, to] = [at - (at - min) * factor, at + (max - at) * factor];
      this.plot.setScale("x", { min: Math.max(from, this.room.min), max: Math.min(to, this.room.max) });
    }

    key(event) {
      const [first, last] = this.plot.series[0].idxs ?? [0, 0];
      const at = this.read ?? this.plot.cursor.idx; // a pointer that leaves, or a chart drawn anew, doesn't lose the place
      const far = event.shiftKey ? farStep : 1;
      const act = {
        ArrowLeft: () => this.point(Math.max(first, (at ?? last + 1) - far)),
        ArrowRight: () => this.point(Math.min(last, (at ?? first - 1) + far)),
        Home: () => this.point(first),
        End: () => this.point(last),
        "+": () => this.zoom(zoomFactor),
        "-": () => this.zoom(1 / zoomFactor),
        0: () => this.whole(),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    }

    point(at) {
      this.plot.setCursor({ left: this.plot.valToPos(this.plot.data[0][at], "x"), top: 0 });
      this.read = at; // where many points share a pixel, the cursor names but one of them
      this.live.textContent = [this.at.textContent, ...this.series.filter(s => s.value?.textContent).map(s => `${s.name} ${s.value.textContent}`)].join(", ");
    }

    remove() {
      this.size.disconnect();
      removeEventListener("beforeprint", this.print);
      removeEventListener("afterprint", this.print);
      this.plot?.destroy();
      this.host.replaceChildren();
    }
  }

  const wholeSteps = [1, 2, 5].flatMap((_, i, steps) => Array.from({ length: 10 }, (__, power) => steps[i] * 10 ** power)).sort((a, b) => a - b);

  // Of each line its xs, then its ys, as 64-bit floats one after another.
  function read(counts, bytes) {
    const values = new Float64Array(bytes.slice().buffer);
    let from = 0;
    return counts.map(count => {
      const points = { x: values.subarray(from, from + count), y: values.subarray(from + count, from + 2 * count) };
      from += 2 * count;
      return points;
    });
  }

  function joined(first, second) {
    const all = new Float64Array(first.length + second.length);
    all.set(first);
    all.set(second, first.length);
    return all;
  }

  // Exponential mean, freed of its start at zero: m = (Σ w^(n-i) y_i) / (Σ w^(n-i)).
  function smooth(values, weight) {
    if (weight === 0) return values;
    let sum = 0, weights = 0;
    return values.map(value => {
      if (value == null) return null;
      sum = weight * sum + value;
      weights = weight * weights + 1;
      return sum / weights;
    });
  }

  function clipped(values, highest) {
    return Array.from(values, v => Number.isFinite(v) ? Math.min(v, highest ?? Infinity) : null);
  }

  function nearest(values, at) {
    for (let off = 0; off < values.length; off++) {
      if (values[at - off] != null) return at - off;
      if (values[at + off] != null) return at + off;
    }
    return null;
  }

  function lastOf(values) {
    for (let i = values.length - 1; i >= 0; i--) if (values[i] != null) return i;
    return null;
  }

  function short(value) {
    const size = Math.abs(value);
    if (size > 0 && size < 0.001) return value.toExponential(2).replace(/\.?0+e/, "e");
    return Number(value.toPrecision(size >= 1000 ? 7 : 4)).toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: 6 });
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function labelled(text, input) {
    const label = element("label", "", text + " ");
    label.append(input);
    return label;
  }

  window.webTrainer.chart = {
    draw(host, options, bytes) {
      const known = charts.get(host);
      if (known) known.take(options, bytes);
      else charts.set(host, new LineChart(host, options, bytes));
    },
    append(host, counts, bytes) { charts.get(host)?.append(counts, bytes); },
    remove(host) { charts.get(host)?.remove(); charts.delete(host); },
  };
})();
