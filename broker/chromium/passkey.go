package chromium

import (
	"github.com/chromedp/cdproto/webauthn"
)

// Authenticator gives the browser a device with passkeys that always says yes,
// as if somebody put a finger on it.
func (w *Window) Authenticator() {
	w.t.Helper()
	w.do(call(webauthn.Enable, webauthn.EnableParams{}), call(webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	}))
}
