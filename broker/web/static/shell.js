// Warns half a minute before somebody who has done nothing is signed out. The
// server decides when that is; without this script the next click tells.
"use strict";
(() => {
	const warning = 30; // seconds, people.IdleWarning
	const tellEvery = 60; // seconds between two reports that somebody is here
	const idle = Number(document.body.dataset.idle);
	const dialog = document.getElementById("idle");
	const shown = document.getElementById("idle-left");
	if (!idle || !dialog) return;

	let end = Date.now() + idle * 1000;
	let told = Date.now();
	let asking = false;

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
			if (left <= 0) location.reload();
			else if (left <= warning && !dialog.open) dialog.showModal();
		} catch { /* asks again in a second */ } finally { asking = false; }
	};
	setInterval(look, 1000);
	// Clocks stand still in a computer that sleeps, and in a page that isn't seen.
	document.addEventListener("visibilitychange", () => { if (!document.hidden && !asking) really(); });
})();
