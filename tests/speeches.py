"""What each dialect's document says of it."""

from trichat.settings import Settings
from trichat.web.endpoints import Endpoints

SPEECHES = {
    endpoint.dialect.name: endpoint.speech for endpoint in Endpoints(Settings()).described.values()
}
