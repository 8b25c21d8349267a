// The value of this script is a list of what is wrong with the page.
(() => {
	const wrong = [];
	const tell = (what, e) => wrong.push(`${what}: ${(e.outerHTML || e.textContent).slice(0, 160)}`);
	const seen = (e) => {
		const box = e.getBoundingClientRect();
		return box.width > 0 && box.height > 0 && e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
	};

	// What a page is made of.
	if (!document.documentElement.lang) wrong.push("the page has no language");
	if (!document.title) wrong.push("the window has no title");
	for (const landmark of ["main", "h1"]) {
		const all = [...document.querySelectorAll(landmark)].filter(seen);
		if (all.length !== 1) wrong.push(`there are ${all.length} ${landmark}, not one`);
	}
	let level = 0;
	for (const h of [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(seen)) {
		const now = Number(h.tagName[1]);
		if (now > level + 1 && level > 0) tell(`a heading of level ${now} follows one of ${level}`, h);
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

	// What is used.
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
		if (!seen(e)) continue;
		const label = [...(e.labels || [])].map((l) => l.textContent).join("") || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby");
		if (!label || !label.trim()) tell("a field without a label", e);
	}
	for (const e of document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")) {
		if (!seen(e)) continue;
		const box = e.getBoundingClientRect();
		const inText = e.tagName === "A" && getComputedStyle(e).display === "inline"; // WCAG 2.2, 2.5.8 lets these be
		if (!inText && (box.width < 24 || box.height < 24) && !(e.labels || []).length) tell(`smaller than 24 by 24 (${Math.round(box.width)} by ${Math.round(box.height)})`, e);
	}

	// What sticks out. Whoever scrolls inside a box of its own may be as wide as it likes.
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth > width + 1) wrong.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);

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
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const done = new Set();
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || done.has(e) || !seen(e) || e.closest("script, style, noscript, .sr, option, :disabled")) continue;
		done.add(e);
		const style = getComputedStyle(e);
		const back = ground(e);
		const a = light(over(parse(style.color), back)), b = light(back);
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		const size = parseFloat(style.fontSize);
		const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
		if (contrast < least - 0.01) tell(`contrast ${contrast.toFixed(2)}, not ${least} (${style.color} on ${back.r},${back.g},${back.b})`, e);
	}
	return wrong;
})();
