package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestNoSetUpOrDebugRouteAnswers asks a broker as it is shipped for what
// strangers look for.
func TestNoSetUpOrDebugRouteAnswers(t *testing.T) {
	b := start(t, t.TempDir(), "127.0.0.1:0")
	c := &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer c.CloseIdleConnections()
	ask := func(method, path string) (status int, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, b.site+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if method != http.MethodHead && answer.Header.Get("Content-Security-Policy") == "" && answer.StatusCode < 300 {
			t.Errorf("%s %s is answered without a policy", method, path)
		}
		return answer.StatusCode, string(text)
	}
	for _, path := range []string{
		"/debug/pprof/", "/debug/pprof/cmdline", "/debug/vars", "/debug/requests", "/metrics", "/healthz", "/readyz", "/status",
		"/setup", "/install", "/first", "/admin", "/administrator", "/console", "/manager/html", "/.env", "/.git/config",
		"/site.json", "/handrail.db", "/backup", "/api", "/api/", "/api/v2", "/graphql", "/swagger.json", "/openapi.json",
		"/actuator/env", "/server-status", "/phpinfo.php", "/wp-login.php", "/static/", "/static/style.css", "/look/", "/visit/",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if status, body := ask(method, path); status != http.StatusNotFound || strings.Contains(body, "goroutine") {
				t.Errorf("%s %s: %d", method, path, status)
			}
		}
	}
	// Of the administration strangers see the way in and nothing else.
	for _, path := range []string{
		"/login/setup", "/login/debug", "/login/people", "/login/audit", "/login/portals", "/login/policies", "/login/settings",
		"/login/settings/export", "/login/reports", "/login/account", "/api/v1/settings", "/api/v1/",
	} {
		if status, body := ask(http.MethodGet, path); status < 300 || strings.Contains(body, "goroutine") {
			t.Errorf("GET %s: %d\n%s", path, status, body)
		}
	}
	if status, _ := ask(http.MethodGet, "/"); status != http.StatusOK {
		t.Errorf("the portal: %d", status)
	}
}
