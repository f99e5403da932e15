package main

import (
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// errorWatch sees the ICMP errors that arrive in a namespace: a rejected connection looks like a refused one to connect(2),
// and only the error that came back tells them apart.
type errorWatch struct {
	socket int
	isIPv6 bool
	host   net.IP
	port   int
}

func watchErrors(address string) *errorWatch {
	host, port, _ := net.SplitHostPort(address)
	number, _ := net.LookupPort("tcp", port)
	ip := net.ParseIP(host)
	isIPv6 := ip.To4() == nil
	family, protocol := unix.AF_INET, unix.IPPROTO_ICMP
	if isIPv6 {
		family, protocol = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	socket, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		socket = -1
	}
	return &errorWatch{socket, isIPv6, ip, number}
}

func (w *errorWatch) Close() {
	if w.socket >= 0 {
		_ = unix.Close(w.socket)
	}
}

// code is that of the error about our destination; -1 if none came within 60 ms.
func (w *errorWatch) code() int {
	buffer := make([]byte, 1500)
	for until := time.Now().Add(60 * time.Millisecond); time.Now().Before(until); {
		length, _, err := unix.Recvfrom(w.socket, buffer, 0)
		if err != nil {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		if code := w.read(buffer[:length]); code >= 0 {
			return code
		}
	}
	return -1
}

// read takes the code from a "destination unreachable" about a packet to our destination.
func (w *errorWatch) read(message []byte) int {
	kind, inner, portAt := byte(1), 8, 8+40+2
	if !w.isIPv6 {
		if len(message) < 20 {
			return -1
		}
		message = message[int(message[0]&15)*4:]
		kind = 3
	}
	if len(message) < inner+20 || message[0] != kind {
		return -1
	}
	destination := net.IP(message[inner+16 : inner+20])
	if w.isIPv6 {
		if len(message) < portAt+2 {
			return -1
		}
		destination = net.IP(message[inner+24 : inner+40])
	} else {
		portAt = inner + int(message[inner]&15)*4 + 2
	}
	if len(message) < portAt+2 || !destination.Equal(w.host) || int(binary.BigEndian.Uint16(message[portAt:])) != w.port {
		return -1
	}
	return int(message[1])
}

func (w *errorWatch) isPortUnreachable(code int) bool {
	return w.isIPv6 && code == 4 || !w.isIPv6 && code == 3
}

func ended(err error, watch *errorWatch) outcome {
	var number syscall.Errno
	switch {
	// A datagram that the sender's own node rejects fails to be sent; the error says so all the same.
	case errors.As(err, &number) && (number == syscall.ECONNREFUSED || number == syscall.EPERM):
		if watch.isPortUnreachable(watch.code()) {
			return outcome{Kind: "rejected"}
		}
		if number == syscall.EPERM {
			return outcome{Kind: "lost"}
		}
		return outcome{Kind: "refused"}
	case errors.As(err, &number) && (number == syscall.EHOSTUNREACH || number == syscall.ENETUNREACH):
		return outcome{Kind: "unreachable"}
	case strings.Contains(err.Error(), "timeout"):
		return outcome{Kind: "lost"}
	}
	return outcome{Kind: err.Error()}
}
