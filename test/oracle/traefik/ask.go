package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/traefik/traefik/v3/pkg/server/service"
)

type request struct {
	// Port is that of an entry point, as the arguments name it.
	Port   string `json:"port"`
	Scheme string `json:"scheme"`
	Method string `json:"method"`
	Host   string `json:"host"`
	// Target is what stands in the request line: a path and perhaps a query.
	Target  string     `json:"target"`
	Headers [][]string `json:"headers"`
}

// outcome is what came of a request: a backend that was asked, or what Traefik answered itself.
type outcome struct {
	Status   int    `json:"status,omitempty"`
	Location string `json:"location,omitempty"`
	// To is the address that Traefik sent the request to, the rest what it asked there.
	To      string            `json:"to,omitempty"`
	Method  string            `json:"method,omitempty"`
	Host    string            `json:"host,omitempty"`
	Target  string            `json:"target,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// Failure is why there was no answer at all.
	Failure string `json:"failure,omitempty"`
	Times   int    `json:"times,omitempty"`
}

const recorded = "X-Recorded"

// recorder stands where the network to the backends would be: it answers with what it was asked.
type recorder struct{ *service.TransportManager }

func (r recorder) GetRoundTripper(string) (http.RoundTripper, error) { return r, nil }

func (r recorder) RoundTrip(asked *http.Request) (*http.Response, error) {
	made := outcome{To: asked.URL.Host, Method: asked.Method, Host: asked.Host, Target: asked.URL.RequestURI(), Headers: map[string]string{}}
	if made.Host == "" {
		made.Host = asked.URL.Host
	}
	for name, values := range asked.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-test-") {
			made.Headers[lower] = strings.Join(values, ",")
		}
	}
	text, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{recorded: {string(text)}}, Body: io.NopCloser(bytes.NewReader(nil)), Request: asked,
	}, nil
}

// ask sends a request over the network of this machine, letter by letter as it is given.
func (t *traefik) ask(r request) (outcome, error) {
	connection, err := net.DialTimeout("tcp", t.ports[r.Port], 5*time.Second)
	if err != nil {
		return outcome{}, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	if r.Scheme == "https" {
		name := r.Host
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		if net.ParseIP(strings.Trim(name, "[]")) != nil {
			name = ""
		}
		connection = tls.Client(connection, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", r.Method, r.Target, r.Host)
	for _, each := range r.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", each[0], each[1])
	}
	text.WriteString("\r\n")
	if _, err := io.WriteString(connection, text.String()); err != nil {
		return outcome{}, err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return outcome{}, err
	}
	defer response.Body.Close()
	if text := response.Header.Get(recorded); text != "" {
		var made outcome
		err := json.Unmarshal([]byte(text), &made)
		return made, err
	}
	return outcome{Status: response.StatusCode, Location: response.Header.Get("Location")}, nil
}
