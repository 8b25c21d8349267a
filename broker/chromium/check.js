// The value of this script is a list of what is wrong with the page.
(() => {
	const wrong = [];
	const tell = (what, e) => wrong.push(`${what}: ${(e.outerHTML || e.textContent).slice(0, 160)}`);
	const seen = (e) => {
		const box = e.getBoundingClientRect();
		return box.width > 0 && box.height > 0 && e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
	};

	// What a page is made of.
	const html = document.documentElement;
	if (!html.lang) wrong.push("the page has no language");
	const direction = /^(ar|fa|he|ur)\b/.test(html.lang) ? "rtl" : "ltr";
	if (getComputedStyle(html).direction !== direction) wrong.push(`a page in ${html.lang} is not ${direction}`);
	if (!document.title) wrong.push("the window has no title");
	for (const landmark of ["main", "h1"]) {
		const all = [...document.querySelectorAll(landmark)].filter(seen);
		if (all.length !== 1 && !document.querySelector("#menu:target")) wrong.push(`there are ${all.length} ${landmark}, not one`);
	}
	let level = 0;
	for (const h of [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(seen)) {
		const now = Number(h.tagName[1]);
		if (now > level + 1) tell(`a heading of level ${now} follows one of ${level}`, h);
		if (!h.textContent.trim()) tell("an empty heading", h);
		level = now;
	}
	const ids = new Set();
	for (const e of document.querySelectorAll("[id]")) {
		if (ids.has(e.id)) tell("an ID twice", e);
		ids.add(e.id);
	}
	for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
		for (const e of document.querySelectorAll(`[${name}]`)) {
			for (const id of e.getAttribute(name).split(/\s+/)) if (!document.getElementById(id)) tell(`${name} leads nowhere`, e);
		}
	}
	for (const img of document.querySelectorAll("img:not([alt])")) tell("a picture without alt", img);
	for (const svg of document.querySelectorAll("svg:not([aria-hidden=true], [aria-label], [aria-labelledby])")) {
		if (!svg.closest("[aria-hidden=true]")) tell("a drawing neither hidden nor described", svg);
	}
	const called = (e) => e.getAttribute("aria-label") || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent || "";
	const navs = [...document.querySelectorAll("nav")].filter(seen).map(called);
	if (new Set(navs).size < navs.length || navs.includes("")) wrong.push(`navigations are called ${navs.join(", ")}`);
	const skip = document.querySelector("a[href], button, input, select, textarea");
	if (!skip || skip.getAttribute("href") !== "#main" || !document.getElementById("main")) tell("what comes first is no way past the head", skip);
	for (const table of [...document.querySelectorAll("table")].filter(seen)) {
		if (!table.caption && !table.matches("[aria-label], [aria-labelledby]")) tell("a table without a name", table);
		if (!table.querySelector("th")) tell("a table without headers", table);
		for (const th of table.querySelectorAll("th")) if (!th.textContent.trim()) tell("an empty header", table);
		for (const th of table.querySelectorAll("tbody th:not([scope])")) tell("a header of nothing", th);
	}

	// What is used.
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
		if (!seen(e)) continue;
		const label = [...(e.labels || [])].map((l) => l.textContent).join("") || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby");
		if (!label || !label.trim()) tell("a field without a label", e);
		if (e.matches("[aria-invalid=true]")) {
			const said = (e.getAttribute("aria-describedby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join("");
			if (!said.trim()) tell("a wrong field that doesn't say what is wrong", e);
		}
	}
	for (const e of document.querySelectorAll("a[href][aria-label], button[aria-label]")) { // who speaks to the computer says what is to be read
		if (seen(e) && !e.getAttribute("aria-label").toLowerCase().includes(e.innerText.trim().toLowerCase())) tell("a name without what can be read", e);
	}
	const buttons = new Set();
	for (const e of [...document.querySelectorAll("main button:not([aria-hidden]), main summary")].filter(seen)) { // who hears a list of them knows what each one is about
		const name = e.getAttribute("aria-label") || e.innerText.trim();
		if (buttons.has(name) && !e.closest("fieldset")) tell("two buttons of one name", e);
		buttons.add(name);
	}
	for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) tell("out of the order of the tabulator", e);
	for (const e of document.querySelectorAll("main *, nav *")) {
		const style = getComputedStyle(e);
		if (!seen(e) || e.clientWidth === 0 || e.scrollWidth <= e.clientWidth + 1 || e.matches("input, select, textarea, .sr, .skip")) continue;
		if (/auto|scroll/.test(style.overflowX) && e.tabIndex < 0 && !e.querySelector("a[href], button, input, select, textarea")) tell("scrolls for nobody with a keyboard", e);
		if (/hidden|clip/.test(style.overflowX)) tell("cut off", e);
	}
	for (const a of document.getAnimations()) if (a.playState === "running") tell("moves though motion isn't wanted", a.effect.target);
	for (const e of document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")) {
		if (!seen(e)) continue;
		const box = e.getBoundingClientRect();
		const inText = e.tagName === "A" && getComputedStyle(e).display === "inline"; // WCAG 2.2, 2.5.8 lets these be
		if (!inText && (box.width < 24 || box.height < 24) && !(e.labels || []).length) tell(`smaller than 24 by 24 (${Math.round(box.width)} by ${Math.round(box.height)})`, e);
	}

	// What sticks out. Whoever scrolls inside a box of its own may be as wide as it likes.
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth > width + 1) {
		wrong.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
		for (const e of document.querySelectorAll("body *")) if (e.getBoundingClientRect().right > width + 1) { tell("sticks out", e); break; }
	}

	// What can be read: contrast as WCAG 2.2 defines it.
	const parse = (s) => {
		const n = (s.match(/[\d.]+/g) || []).map(Number);
		return { r: n[0], g: n[1], b: n[2], a: n.length > 3 ? n[3] : 1 };
	};
	const over = (top, under) => ({
		r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1,
	});
	const ground = (e) => {
		const layers = [];
		for (let at = e; at; at = at.parentElement) {
			const c = parse(getComputedStyle(at).backgroundColor);
			layers.push(c);
			if (c.a === 1) break;
		}
		const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? 18 : 255;
		return layers.reduceRight((under, top) => over(top, under), { r: scheme, g: scheme, b: scheme, a: 1 });
	};
	const light = (c) => {
		const f = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b);
	};
	const between = (one, other) => {
		const a = light(one), b = light(other);
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const done = new Set();
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || done.has(e) || !seen(e) || e.closest("script, style, noscript, .sr, option, :disabled, [role=img]")) continue;
		if (!e.closest("main, header, nav, footer, dialog, .skip")) tell("a text outside of every landmark", e);
		done.add(e);
		const style = getComputedStyle(e);
		const back = ground(e);
		const ink = e instanceof SVGElement ? style.fill : style.color;
		const contrast = between(over(parse(ink), back), back);
		const size = parseFloat(style.fontSize);
		const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
		if (contrast < least - 0.01) tell(`contrast ${contrast.toFixed(2)}, not ${least} (${ink} on ${back.r},${back.g},${back.b})`, e);
	}
	for (const e of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), select, textarea")) {
		if (!seen(e) || e.disabled) continue;
		const around = ground(e.parentElement), edge = between(over(parse(getComputedStyle(e).borderTopColor), around), around);
		if (edge < 2.99) tell(`a field's edge has a contrast of ${edge.toFixed(2)}`, e);
		if (e.placeholder && between(parse(getComputedStyle(e, "::placeholder").color), ground(e)) < 4.49) tell("a faint placeholder", e);
	}
	return wrong;
})();
