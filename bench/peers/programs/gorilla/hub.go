package main

import (
	"sync"

	"github.com/gorilla/websocket"
)

// Hub owns the clients of one room: only its goroutine touches them.
type Hub struct {
	name       string
	joined     int // guarded by Hubs.mutex
	clients    map[*Client]struct{}
	broadcast  chan []byte
	register   chan *Client
	unregister chan *Client
	done       chan struct{}
}

func (h *Hub) run() {
	for {
		select {
		case client := <-h.register:
			h.clients[client] = struct{}{}
		case client := <-h.unregister:
			h.drop(client)
		case text := <-h.broadcast:
			// Framed once for all.
			message, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
			if err != nil {
				continue
			}
			for client := range h.clients {
				select {
				case client.send <- message:
				default: // too slow
					h.drop(client)
				}
			}
		case <-h.done:
			return
		}
	}
}

func (h *Hub) drop(client *Client) {
	if _, there := h.clients[client]; there {
		delete(h.clients, client)
		close(client.send)
		client.conn.Close()
	}
}

// Hubs has the hub of each room while somebody is in it.
type Hubs struct {
	mutex sync.Mutex
	rooms map[string]*Hub
}

func (hs *Hubs) Join(name string) *Hub {
	hs.mutex.Lock()
	defer hs.mutex.Unlock()
	hub := hs.rooms[name]
	if hub == nil {
		hub = &Hub{
			name:       name,
			clients:    make(map[*Client]struct{}),
			broadcast:  make(chan []byte),
			register:   make(chan *Client),
			unregister: make(chan *Client),
			done:       make(chan struct{}),
		}
		hs.rooms[name] = hub
		go hub.run()
	}
	hub.joined++
	return hub
}

func (hs *Hubs) Leave(hub *Hub) {
	hs.mutex.Lock()
	defer hs.mutex.Unlock()
	hub.joined--
	if hub.joined == 0 {
		delete(hs.rooms, hub.name)
		close(hub.done)
	}
}
