// The value of this script is a list of what is wrong for people who use the
// keyboard; they must have pressed a key before.
(() => {
	const wrong = [];
	const tell = (what, e) => wrong.push(`${what}: ${e.outerHTML.slice(0, 160)}`);
	const numbers = (s) => (s.match(/[\d.]+/g) || []).map(Number);
	const light = (s) => {
		const [r, g, b] = numbers(s).map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const ground = (e) => {
		for (let at = e; at; at = at.parentElement) {
			const colour = getComputedStyle(at).backgroundColor, n = numbers(colour);
			if (n.length < 4 || n[3] === 1) return colour;
		}
		return "rgb(255, 255, 255)";
	};
	const before = document.activeElement;
	const inside = document.querySelector("dialog:modal") || document;
	for (const e of inside.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']")) {
		if (e.disabled || e.tabIndex < 0 || !e.checkVisibility({ visibilityProperty: true })) continue;
		e.focus();
		if (document.activeElement !== e) { tell("can't have the focus", e); continue; }
		const style = getComputedStyle(e);
		const ring = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
		if (ring < 2) { tell(`a focus of ${ring} px`, e); continue; }
		const a = light(style.outlineColor), b = light(ground(parseFloat(style.outlineOffset) >= 0 ? e.parentElement : e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (style.outlineStyle !== "auto" && contrast < 2.99) tell(`a focus with a contrast of ${contrast.toFixed(2)}`, e);
		const box = e.getBoundingClientRect();
		const middle = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2; // of what can be seen of it
		const there = document.elementFromPoint(box.x + box.width / 2, middle);
		const mine = there && (e.contains(there) || there.contains(e) || [...(e.labels || [])].some((l) => l.contains(there)));
		if (!mine) tell(`has the focus and is covered by ${there && there.outerHTML.slice(0, 80)} at ${Math.round(box.x)},${Math.round(box.y)}`, e);
	}
	document.activeElement.blur();
	before.focus();
	scrollTo(0, 0);
	return wrong;
})();
