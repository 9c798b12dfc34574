// Rooms on gorilla/websocket: a hub for each room, two goroutines for each connection.
package main

import (
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{
	ReadBufferSize:  1024,
	WriteBufferSize: 1024,
	WriteBufferPool: &sync.Pool{},
	CheckOrigin:     func(*http.Request) bool { return true },
}

func serve(hubs *Hubs, w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	hub := hubs.Join(r.URL.Path)
	client := &Client{hub: hub, conn: conn, send: make(chan *websocket.PreparedMessage, 256)}
	hub.register <- client
	// Both for themselves: net/http may then forget the request.
	go client.writePump()
	go func() {
		client.readPump()
		hubs.Leave(hub)
	}()
}

func main() {
	hubs := &Hubs{rooms: make(map[string]*Hub)}
	http.HandleFunc("/ws/", func(w http.ResponseWriter, r *http.Request) { serve(hubs, w, r) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
