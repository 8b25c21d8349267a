// A part of a page that follows what happens: <div data-live="address"> is
// replaced by what the stream at that address sends as "part". What a person who
// can't see it should hear stands in its data-said, and the window's title in
// data-title.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
	const said = document.getElementById("said");
	const stream = new EventSource(part.dataset.live);
	stream.addEventListener("part", (event) => {
		if (event.data === part.dataset.shown) return; // said again after a pause
		part.dataset.shown = event.data;
		const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
		part.innerHTML = event.data;
		if (focused) (document.getElementById(focused) || part.querySelector("h1"))?.focus({ preventScroll: true });
		const now = part.firstElementChild;
		if (!now) return;
		if (now.dataset.title) document.title = now.dataset.title;
		if (said && now.dataset.said && said.textContent !== now.dataset.said) said.textContent = now.dataset.said;
	});
	stream.addEventListener("done", () => stream.close());
	// A browser gives up for good when it is refused: then the page asks again.
	stream.addEventListener("error", () => {
		if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000 + 5000 * Math.random());
	});
}
