"use strict";
// A form that counts once is sent once, however often somebody clicks: what came
// of it is on the page that answers the first click, and the second one's would
// take its place. Without this script that one says so.
(() => {
	const patience = 10_000; // ms, after which whoever stopped the browser may try again
	addEventListener("submit", (event) => {
		const form = event.target;
		if (!form.elements.once && !("once" in form.dataset) || event.defaultPrevented) return;
		if (Date.now() - Number(form.dataset.sent ?? 0) < patience) event.preventDefault();
		else form.dataset.sent = Date.now();
	});
	addEventListener("pageshow", (event) => { if (event.persisted) for (const form of document.forms) delete form.dataset.sent; });
})();
