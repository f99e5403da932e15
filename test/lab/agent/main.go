// The lab's hands: it stands in many network namespaces at once, listens there, and asks from there.
// One command a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

type command struct {
	ID        int    `json:"id"`
	Op        string `json:"op"`
	Namespace string `json:"namespace"`
	Protocol  string `json:"protocol"`
	Address   string `json:"address"`
	Name      string `json:"name"`
	Count     int    `json:"count"`
	TimeoutMs int    `json:"timeoutMs"`
}

// outcome is how one connection ended: answered, refused, rejected, unreachable or lost; and who answered, having seen which source.
type outcome struct {
	Kind   string `json:"kind"`
	Name   string `json:"name,omitempty"`
	Source string `json:"source,omitempty"`
}

type answer struct {
	ID       int       `json:"id"`
	Error    string    `json:"error,omitempty"`
	Outcomes []outcome `json:"outcomes,omitempty"`
}

// within runs what it is given on a thread of its own that is in the namespace; the thread ends with it.
func within(namespace string, run func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must not go back to the others
		file, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			defer file.Close()
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			err = run()
		}
		done <- err
	}()
	return <-done
}

var (
	lock      sync.Mutex
	listeners []io.Closer
)

func keep(closer io.Closer) {
	lock.Lock()
	defer lock.Unlock()
	listeners = append(listeners, closer)
}

func closeAll() {
	lock.Lock()
	defer lock.Unlock()
	for _, each := range listeners {
		_ = each.Close()
	}
	listeners = nil
}

func listen(c command) error {
	return within(c.Namespace, func() error {
		if c.Protocol == "udp" {
			socket, err := net.ListenPacket("udp", c.Address)
			if err != nil {
				return err
			}
			keep(socket)
			go serveDatagrams(socket, c.Name)
			return nil
		}
		socket, err := net.Listen("tcp", c.Address)
		if err != nil {
			return err
		}
		keep(socket)
		go serveStreams(socket, c.Name)
		return nil
	})
}

func greeting(name string, source net.Addr) []byte {
	host, _, _ := net.SplitHostPort(source.String())
	text, _ := json.Marshal(outcome{Kind: "answered", Name: name, Source: host})
	return append(text, '\n')
}

func serveStreams(socket net.Listener, name string) {
	for {
		connection, err := socket.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = connection.Write(greeting(name, connection.RemoteAddr()))
		}()
	}
}

func serveDatagrams(socket net.PacketConn, name string) {
	buffer := make([]byte, 64)
	for {
		_, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = socket.WriteTo(greeting(name, from), from)
	}
}

func ask(c command) []outcome {
	outcomes := make([]outcome, c.Count)
	places := make(chan struct{}, 16)
	var wait sync.WaitGroup
	for index := range outcomes {
		wait.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; wait.Done() }()
			err := within(c.Namespace, func() error {
				outcomes[index] = askOnce(c)
				return nil
			})
			if err != nil {
				outcomes[index] = outcome{Kind: err.Error()}
			}
		}()
	}
	wait.Wait()
	return outcomes
}

func askOnce(c command) outcome {
	errors := watchErrors(c.Address)
	defer errors.Close()
	deadline := time.Now().Add(time.Duration(c.TimeoutMs) * time.Millisecond)
	dialer := net.Dialer{Deadline: deadline, FallbackDelay: -1}
	connection, err := dialer.Dial(c.Protocol, c.Address)
	if err != nil {
		return ended(err, errors)
	}
	defer connection.Close()
	_ = connection.SetDeadline(deadline)
	if c.Protocol == "udp" {
		if _, err := connection.Write([]byte("?")); err != nil {
			return ended(err, errors)
		}
	}
	line, err := bufio.NewReader(connection).ReadBytes('\n')
	if err != nil {
		return ended(err, errors)
	}
	var result outcome
	if err := json.Unmarshal(line, &result); err != nil {
		return outcome{Kind: err.Error()}
	}
	return result
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<16), 1<<22)
	output := json.NewEncoder(os.Stdout)
	var writing sync.Mutex
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go func() {
			result := obey(c)
			writing.Lock()
			defer writing.Unlock()
			if err := output.Encode(result); err != nil {
				os.Exit(1)
			}
		}()
	}
}

func obey(c command) answer {
	result := answer{ID: c.ID}
	switch c.Op {
	case "listen":
		if err := listen(c); err != nil {
			result.Error = err.Error()
		}
	case "ask":
		result.Outcomes = ask(c)
	case "close":
		closeAll()
	default:
		result.Error = fmt.Sprintf("no such command: %q", c.Op)
	}
	return result
}
