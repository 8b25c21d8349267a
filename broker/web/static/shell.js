"use strict";
// Warns half a minute before somebody who has done nothing is signed out. The
// server decides when that is; without this script the next click tells.
(() => {
	const warning = 30; // seconds, people.IdleWarning
	const idle = Number(document.body.dataset.idle);
	// Seconds between two reports that somebody is here: often enough that who
	// goes on typing is never warned, however short the time is.
	const tellEvery = Math.max(5, Math.min(60, (idle - warning) / 2));
	const dialog = document.getElementById("idle");
	const shown = document.getElementById("idle-left");
	if (!idle || !dialog) return;

	let end = Date.now() + idle * 1000;
	let told = Date.now();
	let asking = false;

	// edited is the form that somebody has changed, if it is one of those that
	// the server keeps on a page for whoever isn't signed in any more.
	let edited = document.querySelector("form[data-unsaved]"); // shown once more
	document.getElementById("main").addEventListener("input", (event) => {
		const form = event.target.form;
		const stamped = form && (form.elements.was || form.elements.version);
		if (stamped && form.method === "post") edited = form;
	});
	// Whoever leaves with something typed that isn't sent is asked first: nothing
	// of it comes back.
	let sent = false;
	addEventListener("submit", (event) => { if (!event.defaultPrevented) sent = true; });
	addEventListener("pageshow", () => { sent = false; });
	addEventListener("beforeunload", (event) => { if (edited && !sent) event.preventDefault(); });
	// unfiled leaves of the files in a form what they are called: the server keeps
	// no more of them.
	const unfiled = (form) => {
		for (const field of form.elements) {
			if (field.type !== "file") continue;
			const called = new DataTransfer();
			for (const file of field.files) called.items.add(new File([], file.name));
			field.files = called.files;
		}
	};
	// over leaves the page. What was typed goes to the server as too late, so
	// that nothing half done counts, whoever has signed in meanwhile.
	const over = () => {
		asking = true; // nothing more is asked here
		clearInterval(looking);
		if (!edited) { location.reload(); return; }
		const to = new URL(edited.action);
		to.searchParams.set("late", "");
		edited.action = to;
		unfiled(edited);
		sent = true;
		edited.submit();
	};

	const ask = async (method) => {
		const answer = await fetch("/login/here", { method, redirect: "manual", headers: { Accept: "application/json" } });
		if (!answer.ok) return 0;
		return (await answer.json()).left;
	};
	const here = async () => {
		told = Date.now();
		try {
			const left = await ask("POST");
			end = Date.now() + left * 1000;
		} catch { /* without a network the page's own clock goes on */ }
	};
	const active = () => {
		if (!dialog.open && Date.now() - told > tellEvery * 1000) here();
	};
	for (const what of ["keydown", "pointerdown", "scroll"]) addEventListener(what, active, { passive: true });

	dialog.querySelector("form").addEventListener("submit", async (event) => {
		event.preventDefault();
		await here();
		dialog.close();
	});
	dialog.addEventListener("cancel", (event) => { event.preventDefault(); dialog.querySelector("form").requestSubmit(); });

	const look = async () => {
		const left = Math.ceil((end - Date.now()) / 1000);
		if (left > warning) {
			if (dialog.open) dialog.close(); // somebody was here in another window
			return;
		}
		shown.textContent = "(" + Math.max(left, 0) + " s)";
		if (asking || dialog.open && left > 0 && left % 5 !== 0) return;
		await really();
	};
	// really asks the server: another window may have kept the login, or ended it.
	const really = async () => {
		asking = true;
		try {
			const left = await ask("GET");
			end = Date.now() + left * 1000;
			shown.textContent = "(" + left + " s)";
			if (left <= 0) { over(); return; }
			if (left <= warning && !dialog.open) dialog.showModal();
		} catch { /* asks again in a second */ }
		asking = false;
	};
	const looking = setInterval(look, 1000);
	// Clocks stand still in a computer that sleeps, and in a page that isn't seen.
	document.addEventListener("visibilitychange", () => { if (!document.hidden && !asking) really(); });
})();
