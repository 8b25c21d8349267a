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

	setInterval(async () => {
		const left = Math.ceil((end - Date.now()) / 1000);
		if (left > warning) {
			if (dialog.open) dialog.close(); // somebody was here in another window
			return;
		}
		if (left > 0) {
			shown.textContent = "(" + left + " s)";
			if (dialog.open && left % 5 !== 0 || asking) return;
		}
		asking = true;
		try {
			const really = await ask("GET"); // another window may have kept the login
			end = Date.now() + really * 1000;
			if (really > warning) return;
			if (really <= 0) { location.reload(); return; }
			if (!dialog.open) dialog.showModal();
		} catch { /* asks again in a second */ } finally { asking = false; }
	}, 1000);
})();
