package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestA05TheBrokerIsWatchedOnAnAddressOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--status", "127.0.0.1:0")
	b.enrol(dir, "Anna Weber")
	at := regexp.MustCompile(`msg=watched status=(http://\S+)`).FindStringSubmatch(b.log.String())
	if at == nil {
		t.Fatalf("log\n%s", b.log)
	}
	for _, c := range []struct{ path, want string }{
		{"/healthz", "alive\n"},
		{"/readyz", "ready\n"},
		{"/metrics", "handrail_connections_total 1\n"},
		{"/metrics", "handrail_sign_ins_refused_total 0\n"},
	} {
		a, err := http.Get(at[1] + c.path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil || a.StatusCode != http.StatusOK || !strings.Contains(string(text), c.want) || strings.Contains(string(text), "Anna") {
			t.Errorf("%s: %d %v\n%s", c.path, a.StatusCode, err, text)
		}
	}
	if a, err := http.Get(at[1] + "/login"); err != nil || a.StatusCode != http.StatusNotFound {
		t.Errorf("a page there: %+v, %v", a, err)
	}
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}
}

func TestA05ABrokerWithoutItsAuthorityServesAllTheSame(t *testing.T) {
	b := start(t, t.TempDir(), "127.0.0.1:0", "--acme", "--acme-directory", "https://127.0.0.1:1/none")
	get(t, b.site+"/")
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, b.log)
	}
	for _, roots := range []string{"/nowhere.pem", "watched_test.go"} {
		_, notice, code := broker(t, "run", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--turn", "off", "--acme", "--acme-roots", roots)
		if code != 1 || !strings.Contains(notice, "holds no certificate") {
			t.Errorf("%s: %d\n%s", roots, code, notice)
		}
	}
}
