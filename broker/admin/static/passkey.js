// Passkeys (WebAuthn level 3). Without this script, or in a browser that has
// none, the buttons stay hidden and everything else works.
"use strict";
(() => {
	if (!window.PublicKeyCredential || !navigator.credentials) return;

	const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
	const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

	// The server's options have bytes as base64url, and want them back so.
	const options = (from) => {
		const o = from.publicKey;
		o.challenge = bytes(o.challenge);
		if (o.user) o.user.id = bytes(o.user.id);
		for (const list of [o.excludeCredentials, o.allowCredentials]) {
			for (const c of list || []) c.id = bytes(c.id);
		}
		return { publicKey: o };
	};
	const answer = (c) => ({
		id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined,
		clientExtensionResults: c.getClientExtensionResults(),
		response: {
			clientDataJSON: text(c.response.clientDataJSON),
			attestationObject: text(c.response.attestationObject) || undefined,
			transports: c.response.getTransports ? c.response.getTransports() : undefined,
			authenticatorData: text(c.response.authenticatorData) || undefined,
			signature: text(c.response.signature) || undefined,
			userHandle: text(c.response.userHandle) || undefined,
		},
	});
	const post = async (url, body) => {
		const got = await fetch(url, {
			method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body),
		});
		const isJSON = (got.headers.get("Content-Type") || "").startsWith("application/json");
		const said = isJSON ? await got.json() : {};
		return { ok: got.ok, said };
	};

	for (const form of document.querySelectorAll("[data-passkey]")) {
		form.hidden = false;
		const problem = form.querySelector("[data-problem]");
		form.addEventListener("submit", async (event) => {
			event.preventDefault();
			const button = form.querySelector("button");
			const kind = form.dataset.passkey;
			const field = (name) => (form.elements[name] || {}).value || "";
			const says = (s) => { problem.textContent = s; problem.hidden = !s; };
			says("");
			button.disabled = true;
			try {
				const begun = await post(kind === "add" ? "/login/account/factor/passkeys/options" : "/login/passkey/options", { password: field("password") });
				if (!begun.ok) { says(begun.said.problem || form.dataset.failed); return; }
				const made = kind === "add" ? await navigator.credentials.create(options(begun.said)) : await navigator.credentials.get(options(begun.said));
				const done = await post(kind === "add" ? "/login/account/factor/passkeys" : "/login/passkey",
					{ answer: answer(made), next: field("next"), name: field("name"), link: field("link"), factor: kind === "factor" });
				if (done.ok) { location.assign(done.said.to); return; }
				says(done.said.problem || form.dataset.failed);
			} catch (error) {
				// Nobody is told off for pressing "cancel".
				if (error.name !== "AbortError") says(error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed);
			} finally {
				button.disabled = false;
			}
		});
	}
})();
